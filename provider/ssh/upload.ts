import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { UserError } from "../model/errors";
import { SshError } from "./errors";
import type { FileDigest } from "./local-file";
import { digestOf } from "./local-file";
import { quote } from "./script";
import type { Ssh } from "./ssh";

export interface UploadOptions {
  /** Called with the number of bytes that have arrived, and the size of the file. */
  onProgress?: (there: number, size: number) => void;
  /** Default: 0o600. */
  mode?: number;
  /** How long no byte may be accepted or received. Default: 60. */
  silenceSeconds?: number;
  signal?: AbortSignal;
}

export interface UploadResult {
  sha256: string;
  size: number;
  /** Bytes that were sent: none if the file was there, the rest if an earlier upload was interrupted. */
  sent: number;
}

const defaultSilenceSeconds = 60;
const chunkBytes = 64 * 1024;

/** Uploads a local file to a path on the host, as root, with one command. */
export async function upload(
  ssh: Ssh,
  local: string,
  remote: string,
  options: UploadOptions = {},
): Promise<UploadResult> {
  const { bytes: size, sha256 } = await localDigest(local);
  const { silenceSeconds = defaultSilenceSeconds, mode = 0o600, onProgress, signal } = options;
  const { promise: offset, resolve: hostHas } = promiseWithResolver<number>();
  let [start, sent] = [0, 0];

  async function* rest(): AsyncGenerator<Buffer> {
    start = await offset;
    onProgress?.(start, size);
    for await (const chunk of createReadStream(local, { start, highWaterMark: chunkBytes })) {
      yield chunk as Buffer;
      sent += (chunk as Buffer).length;
      onProgress?.(start + sent, size);
    }
  }

  const onLine = (line: string) => {
    const bytes = /^have (\d+)$/.exec(line)?.[1];
    if (bytes !== undefined) hostHas(Math.min(Number(bytes), size));
  };
  const script = receiveScript(remote, { bytes: size, sha256 }, mode);
  const result = await ssh
    .run(script, { what: `upload ${local}`, input: rest(), silenceSeconds, onLine, signal })
    .catch((error: unknown) => {
      const isSilent = error instanceof SshError && error.kind === "silent";
      throw isSilent ? stalledError(ssh.host, local, remote, { silenceSeconds, there: start + sent, size }) : error;
    });
  if (result.code !== 0) throw uploadError(ssh.host, local, remote, result.stderr);
  return { sha256, size, sent };
}

async function localDigest(local: string): Promise<FileDigest> {
  try {
    return await digestOf(local);
  } catch (error) {
    throw new UserError({ action: "read the local file", device: local, cause: (error as Error).message });
  }
}

/**
 * Returns the script that receives the file. Until the file is complete it is FILE.part-DIGEST-ID, locked by the upload that writes it. So
 * two uploads of one file do not collide, the rest of one file is never appended to the beginning of another, and an incomplete file is
 * never used. The part of an upload that died is no longer locked: an upload with the same digest continues it, others remove it.
 */
function receiveScript(remote: string, { bytes, sha256 }: FileDigest, mode: number): string {
  return `
umask 077
file=${quote(remote)} digest=${sha256.slice(0, 16)} id=${randomBytes(4).toString("hex")}
is_whole() { [ "$(sha256sum <"$1" | cut -d ' ' -f 1)" = ${sha256} ]; }
# lock FILE: false if another upload has it locked, or has just moved it.
lock() { exec 9>>"$1" && flock -n 9 && [ "$1" -ef /proc/$$/fd/9 ]; }
find_part() {
  for part in "$file.part-$digest"-*; do
    [ -f "$part" ] && lock "$part" && return
  done
  part=$file.part-$digest-$id
  lock "$part"
}
remove_dead_parts() {
  for part in "$file".part-*; do
    [ ! -f "$part" ] || ! flock -n "$part" true || rm -f "$part"
  done
}
command -v flock >/dev/null || { echo "flock is missing; it is part of util-linux" >&2; exit 1; }
if [ -f "$file" ] && is_whole "$file"; then
  echo 'have ${bytes}'
  chmod ${mode.toString(8)} "$file" && remove_dead_parts
  exit
fi
find_part && echo "have $(wc -c <"$part")" && cat >>"$part" || exit
[ "$(wc -c <"$part")" -ge ${bytes} ] || { echo incomplete >&2; exit 1; }
is_whole "$part" || { rm -f "$part"; echo differs >&2; exit 1; }
chmod ${mode.toString(8)} "$part" && mv -fT "$part" "$file" || exit
exec 9>&-
remove_dead_parts`;
}

const mebibytes = (bytes: number): string => String(Math.ceil(bytes / 2 ** 20));

function stalledError(
  host: string,
  local: string,
  remote: string,
  { silenceSeconds, there, size }: { silenceSeconds: number; there: number; size: number },
): UserError {
  return new UserError({
    action: `upload ${local}`,
    host,
    device: remote,
    cause: `${mebibytes(there)} of ${mebibytes(size)} MiB have arrived, and the host accepted no more data for ${silenceSeconds} s`,
    hint: "Check the file system there (df, dmesg: a failing disk, a dead NFS server) and the network, then run it again: it continues from there.",
  });
}

function uploadError(host: string, local: string, remote: string, stderr: string): UserError {
  const differs = stderr.trim() === "differs";
  return new UserError({
    action: `upload ${local}`,
    host,
    device: remote,
    cause: differs
      ? "the uploaded file differs from the local one, and was removed"
      : stderr.trim().split("\n").join("; "),
    hint: differs
      ? "Run it again."
      : "Check that the file system has free space, and that the folder exists and is writable.",
  });
}

function promiseWithResolver<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  return { promise: new Promise<T>((done) => (resolve = done)), resolve };
}
