import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

export interface FileDigest {
  bytes: number;
  sha256: string;
}

const known = new Map<string, Promise<FileDigest>>();

/** Reads a local file once for all hosts that it is brought to, for as long as its size and times stay the same. */
export async function digestOf(path: string): Promise<FileDigest> {
  const { size, mtimeMs, ctimeMs, ino } = await stat(path);
  const key = JSON.stringify([path, ino, size, mtimeMs, ctimeMs]);
  const digest = known.get(key) ?? read(path);
  known.set(key, digest);
  // A failure is not kept: the file may be readable the next time.
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
