import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { SetupError } from "./report.mjs";

/** Returns the folders of PATH. */
export const searchPath = () => (process.env.PATH ?? "").split(delimiter).filter(Boolean);

/** @param {string} file */
export function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * Returns the folder that has a program, or undefined.
 * @param {string} name
 * @param {string[]} [folders]
 */
export function folderOf(name, folders = searchPath()) {
  return folders.find((folder) => isProgram(join(folder, name)));
}

/** Aborted by ^C: the running program is stopped, no other is started, and each stage cleans up. */
export const interruption = new AbortController();

/**
 * Runs a program without showing its output, and returns the output. A failure is a SetupError with the first and the last lines:
 * npm says what is wrong first, and then lists its options.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutSeconds?: number }} [options]
 * @returns {Promise<string>}
 */
export async function run(command, args, { cwd, env = {}, timeoutSeconds } = {}) {
  const { signal } = interruption;
  signal.throwIfAborted();
  // A program with a time limit gets its own process group, so that its children end with it. The others stay in
  // ours: without the terminal, sudo would ask for the password again.
  const detached = timeoutSeconds !== undefined;
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached,
  });
  const stop = () => {
    try {
      if (child.pid) process.kill(detached ? -child.pid : child.pid, "SIGTERM");
    } catch {
      // The process has just ended.
    }
  };
  signal.addEventListener("abort", stop);

  let timedOut = false;
  const timer = detached && setTimeout(() => ((timedOut = true), stop()), timeoutSeconds * 1000);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const failure = await new Promise((resolve) => {
    child.on("error", (error) => resolve(`could not be started (${error.message})`));
    child.on("close", (code, killedBy) =>
      resolve(code !== 0 && (killedBy ? `was ended by ${killedBy}` : `failed with exit code ${code}`)),
    );
  });

  signal.removeEventListener("abort", stop);
  if (timer) clearTimeout(timer);
  signal.throwIfAborted();
  if (!failure) return output;
  const said = endsOf(output.trim().split("\n")).join("\n");
  throw new SetupError(
    `\`${command}\` ${timedOut ? `did not end within ${timeoutSeconds} s` : failure}${said && `:\n${said}`}`,
  );
}

/** Returns the first and the last lines of an output, or all if there are few. @param {string[]} lines */
const endsOf = (lines) => (lines.length <= 30 ? lines : [...lines.slice(0, 10), "…", ...lines.slice(-20)]);
