import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

export interface FileDigest {
  bytes: number;
  sha256: string;
}

const known = new Map<string, Promise<FileDigest>>();

/** Returns the digest of a local file. It is computed once for all hosts, as long as size and times of the file are unchanged. */
export async function digestOf(path: string): Promise<FileDigest> {
  const { size, mtimeMs, ctimeMs, ino } = await stat(path);
  const key = JSON.stringify([path, ino, size, mtimeMs, ctimeMs]);
  const digest = known.get(key) ?? read(path);
  known.set(key, digest);
  // Failures are not cached: the file may be readable the next time.
  digest.catch(() => known.delete(key));
  return digest;
}

async function read(path: string): Promise<FileDigest> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** Expands ~ and ~/… as a shell does. Pulumi programs pass such paths unexpanded. */
export function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}
