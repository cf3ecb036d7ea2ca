import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { UserError } from "../model/errors";
import { quote } from "./quote";
import type { Ssh } from "./ssh";

export interface UploadOptions {
  /** Called with the number of bytes that are there by now, and that of the whole file. */
  onProgress?: (there: number, size: number) => void;
  /** Default: 0o600. */
  mode?: number;
  signal?: AbortSignal;
}

export interface UploadResult {
  sha256: string;
  size: number;
  /** Bytes that had to be sent: none when the file was there, the rest when an earlier upload broke off. */
  sent: number;
}

/** Brings a local file to a path on the host, as root, with one command. */
export async function upload(ssh: Ssh, local: string, remote: string, options: UploadOptions = {}): Promise<UploadResult> {
  const { size, sha256 } = await identify(local);
  const { promise: offset, resolve: hostHas } = withResolver<number>();
  let sent = 0;

  async function* rest(): AsyncGenerator<Buffer> {
    const start = await offset;
    options.onProgress?.(start, size);
    for await (const chunk of createReadStream(local, { start, highWaterMark: 256 * 1024 })) {
      yield chunk as Buffer;
      sent += (chunk as Buffer).length;
      options.onProgress?.(start + sent, size);
    }
  }

  const result = await ssh.run(receive(remote, size, sha256, options.mode ?? 0o600), {
    what: `upload ${local}`,
    input: rest(),
    signal: options.signal,
    onLine: (line) => {
      const bytes = /^have (\d+)$/.exec(line)?.[1];
      if (bytes !== undefined) hostHas(Math.min(Number(bytes), size));
    },
  });
  if (result.code !== 0) throw notKept(ssh.host, local, remote, result.stderr);
  return { sha256, size, sent };
}

async function identify(local: string): Promise<{ size: number; sha256: string }> {
  try {
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(local)) hash.update(chunk as Buffer);
    return { size: (await stat(local)).size, sha256: hash.digest("hex") };
  } catch (error) {
    throw new UserError({ tried: "read the local file", device: local, seen: (error as Error).message });
  }
}

/**
 * Until it is whole, the file has the digest in its name: so the rest of one file is never appended to the beginning of
 * another, and nobody takes half a file for the file.
 */
function receive(remote: string, size: number, sha256: string, mode: number): string {
  return `
umask 077
file=${quote(remote)} part=${quote(`${remote}.${sha256.slice(0, 16)}.part`)}
is_whole() { [ "$(sha256sum < "$1" | cut -d ' ' -f 1)" = ${sha256} ]; }
keep() { chmod ${mode.toString(8)} "$1" && mv -fT "$1" "$file"; }
if [ -f "$file" ] && is_whole "$file"; then
  echo 'have ${size}'
  chmod ${mode.toString(8)} "$file"
  exit
fi
: >> "$part" && echo "have $(wc -c < "$part")" && cat >> "$part" || exit
if is_whole "$part"; then keep "$part"; exit; fi
rm -f "$part"
echo differs >&2
exit 1`;
}

function notKept(host: string, local: string, remote: string, stderr: string): UserError {
  const differs = stderr.trim() === "differs";
  return new UserError({
    tried: `upload ${local}`, host, device: remote,
    seen: differs ? "what arrived is not what was sent, and was removed again" : stderr.trim().split("\n").join("; "),
    next: differs ? "Run it again." : "Check that there is room, and that the folder is there and writable.",
  });
}

function withResolver<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  return { promise: new Promise<T>((done) => (resolve = done)), resolve };
}
