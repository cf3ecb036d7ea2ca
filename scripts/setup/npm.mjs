import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./places.mjs";
import { run } from "./programs.mjs";
import { SetupError } from "./report.mjs";

const modules = join(root, "node_modules");
const oldModules = join(root, "node_modules.old");

/** Returns the packages of a lock file by path, or undefined. @param {string} file @returns {Record<string, any> | undefined} */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/**
 * Compares the packages that npm recorded in node_modules when it was done with those of the lock file.
 * @param {Record<string, any> | undefined} locked
 * @param {Record<string, any> | undefined} installed
 */
export function samePackages(locked, installed) {
  if (!locked || !installed) return false;
  const asLocked = Object.entries(locked).every(([path, { version, integrity, optional }]) => {
    if (path === "") return true;
    // Optional packages are for other machines, or failed to install.
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

  async install() {
    rmSync(oldModules, { recursive: true, force: true });
    if (existsSync(modules)) renameSync(modules, oldModules);
    try {
      // No package needs its install script: ssh2's native parts are optional, and the others download or check files.
      await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"], {
        cwd: root,
      });
      if (npm.isMissing()) throw new SetupError("`npm ci` succeeded, but node_modules differs from package-lock.json.");
    } catch (error) {
      rmSync(modules, { recursive: true, force: true });
      if (existsSync(oldModules)) renameSync(oldModules, modules);
      if (!(error instanceof SetupError)) throw error;
      throw new SetupError(`The npm packages could not be installed; node_modules is unchanged. ${error.message}`);
    }
    rmSync(oldModules, { recursive: true, force: true });
  },
};
