import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** What is expensive to make and serves every checkout of this user. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-nvidia-vgpu");

/**
 * The files of a folder of the checkout, as sorted paths relative to it; none where there is no such folder.
 * @param {string} folder
 */
export function filesIn(folder) {
  const absolute = join(root, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(absolute.length + 1))
    .sort();
}

/**
 * A hash over names and contents: what is made from these files carries it, so that a change is seen whatever the clocks say.
 * @param {string[]} files  relative to the checkout
 */
export function fingerprint(files) {
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  return hash.digest("hex");
}
