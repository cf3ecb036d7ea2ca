import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { cacheFolder } from "./places.mjs";
import { interruption } from "./programs.mjs";
import { printProgress } from "./report.mjs";

// A folder that is free when it is missing or empty, and otherwise has one file with the name of its owner. It is taken by
// renaming a complete folder onto it, which the kernel allows only if it is missing or empty. The file of a dead owner is
// removed by its name. So two processes never have the lock at the same time.
const lock = join(cacheFolder, "setup.lock");

/**
 * Runs work while no other set-up of this user runs.
 * @param {() => Promise<void>} work
 */
export async function withLock(work) {
  const owner = nameOf(process.pid);
  let reported;
  while (!take(owner)) {
    const other = currentOwner();
    if (!other) continue;
    const pid = Number.parseInt(other, 10);
    if (!isAlive(pid) || nameOf(pid) !== other) {
      ifThere(() => unlinkSync(join(lock, other)));
      continue;
    }
    if (reported !== other) printProgress(`waiting for another set-up to finish (process ${pid})`);
    reported = other;
    await delay(200, undefined, { signal: interruption.signal });
  }
  try {
    await work();
  } finally {
    ifThere(() => unlinkSync(join(lock, owner)));
  }
}

/** @param {string} owner */
function take(owner) {
  const mine = `${lock}.${owner}`;
  mkdirSync(mine, { recursive: true });
  writeFileSync(join(mine, owner), "");
  try {
    renameSync(mine, lock);
    return true;
  } catch (error) {
    rmSync(mine, { recursive: true, force: true });
    if (["ENOTEMPTY", "EEXIST"].includes(codeOf(error))) return false;
    throw error;
  }
}

const currentOwner = () => ifThere(() => readdirSync(lock))?.[0];

/** Returns the pid and, because pids are reused, the start time from /proc. @param {number} pid */
function nameOf(pid) {
  const stat = ifThere(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // Field 22, counted after the program's name, which may contain blanks and brackets.
  const startTime = stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return startTime ? `${pid}-${startTime}` : `${pid}`;
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/**
 * @template T
 * @param {() => T} action
 */
function ifThere(action) {
  try {
    return action();
  } catch (error) {
    if (!["ENOENT", "ESRCH"].includes(codeOf(error))) throw error;
  }
}

/** @param {unknown} error */
const codeOf = (error) => /** @type {NodeJS.ErrnoException} */ (error).code ?? "";
