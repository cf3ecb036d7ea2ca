import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** The cache of the lab: image parts, saved states, packages, running hosts. */
export const labFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-nvidia-vgpu", "lab");

/** Returns a hash of the sources of a cached part: strings, and files or folders given as {path}. */
export function hashOf(...inputs: (string | { path: string })[]): string {
  const hash = createHash("sha256");
  const add = (path: string): void => {
    if (!statSync(path).isDirectory()) hash.update(path.split("/").pop()!).update(readFileSync(path));
    else for (const entry of readdirSync(path).sort()) add(join(path, entry));
  };
  for (const input of inputs) {
    if (typeof input === "string") hash.update(input).update("\0");
    else add(input.path);
  }
  return hash.digest("hex").slice(0, 16);
}

/**
 * The folder of a cached part, made when it is not there. `make` fills a temporary folder, which gets its name when it
 * is complete, so that a half-made part is never taken for one. Two processes that want the same part wait for one.
 */
export async function cached(kind: string, hash: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(labFolder, kind, hash);
  if (existsSync(folder)) return folder;
  return withLock(`${folder}.lock`, async () => {
    if (existsSync(folder)) return folder;
    const unfinished = `${folder}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    const start = Date.now();
    process.stderr.write(`lab: making ${kind} ${hash} ...\n`);
    await make(unfinished);
    renameSync(unfinished, folder);
    process.stderr.write(`lab: made ${kind} ${hash} in ${Math.round((Date.now() - start) / 1000)} s\n`);
    return folder;
  });
}

async function withLock<T>(lock: string, action: () => Promise<T>): Promise<T> {
  mkdirSync(join(lock, ".."), { recursive: true });
  while (!tryLock(lock)) await new Promise((resolve) => setTimeout(resolve, 200));
  try {
    return await action();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function tryLock(lock: string): boolean {
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, "pid"), String(process.pid));
    return true;
  } catch {
    if (!ownerLives(lock)) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function ownerLives(lock: string): boolean {
  try {
    const pid = Number(readFileSync(join(lock, "pid"), "utf8"));
    return pid === 0 || isAlive(pid);
  } catch {
    return Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? 0) < 2000; // its owner is just writing the pid
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
