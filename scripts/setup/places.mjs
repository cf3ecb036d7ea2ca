import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Results that are expensive to make, for all checkouts of this user. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "pulumi-nvidia-vgpu");

/**
 * Returns the files of a folder of the checkout, as sorted paths relative to it; none if the folder is missing.
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
 * Returns a hash of names and contents of files. It detects changes independently of the clock.
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
