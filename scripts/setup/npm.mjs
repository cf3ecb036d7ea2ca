import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./places.mjs";
import { run } from "./programs.mjs";
import { SetupError } from "./report.mjs";

const modules = join(root, "node_modules");
const aside = join(root, "node_modules.old");

/** The packages of a lock file by path, or undefined. @param {string} file @returns {Record<string, any> | undefined} */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/**
 * npm notes in node_modules what it installed, when all of it is there; that is compared with what is locked.
 * @param {Record<string, any> | undefined} locked
 * @param {Record<string, any> | undefined} installed
 */
export function samePackages(locked, installed) {
  if (!locked || !installed) return false;
  const asLocked = Object.entries(locked).every(([path, { version, integrity, optional }]) => {
    if (path === "") return true;
    // Optional packages are for other machines, or could not be had.
    if (!installed[path]) return optional === true;
    return installed[path].version === version && installed[path].integrity === integrity;
  });
  return asLocked && Object.keys(installed).every((path) => path in locked);
}

/** @type {import("../setup.mjs").Part} */
export const npm = {
  title: "npm packages (npm ci)",
  needs: [],

  isMissing() {
    const installed = packagesOf(join(modules, ".package-lock.json"));
    const locked = packagesOf(join(root, "package-lock.json"));
    return (
      !samePackages(locked, installed) || !Object.keys(installed ?? {}).every((path) => existsSync(join(root, path)))
    );
  },

  async provide() {
    rmSync(aside, { recursive: true, force: true });
    if (existsSync(modules)) renameSync(modules, aside);
    try {
      // No package needs its install script: ssh2's native parts are optional, and the others fetch or check things.
      await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"], {
        cwd: root,
      });
      if (npm.isMissing())
        throw new SetupError("`npm ci` ended well, and yet node_modules is not what package-lock.json says.");
    } catch (error) {
      rmSync(modules, { recursive: true, force: true });
      if (existsSync(aside)) renameSync(aside, modules);
      if (!(error instanceof SetupError)) throw error;
      throw new SetupError(`The npm packages could not be had; node_modules is as it was. ${error.message}`);
    }
    rmSync(aside, { recursive: true, force: true });
  },
};
