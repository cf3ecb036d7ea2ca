import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

/** Runs a program with its output in a log file; throws with the end of the log when it fails. */
export async function runLogged(
  log: string,
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<void> {
  const out = openSync(log, "a");
  const code = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", out, out], env: { ...process.env, LC_ALL: "C", ...env } });
    child.on("error", reject).on("close", resolve);
  }).finally(() => closeSync(out));
  if (code !== 0) {
    const tail = readFileSync(log, "utf8").trimEnd().split("\n").slice(-25).join("\n");
    throw new Error(`${program} ${args.join(" ")} ended with ${code}. The end of ${log}:\n${tail}`);
  }
}

/** Runs a program and returns its stdout; throws with its stderr when it fails. */
export async function output(program: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, LC_ALL: "C" } });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (data) => (stdout += data));
    child.stderr.on("data", (data) => (stderr += data));
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0
        ? resolve(stdout)
        : reject(new Error(`${program} ${args.join(" ")} ended with ${code}: ${stderr.trim()}`)),
    );
  });
}

/** The command that runs `program` as root: itself, or through sudo. */
export const asRoot = (program: string, args: string[]): [string, string[]] =>
  process.getuid!() === 0 ? [program, args] : ["sudo", ["-n", "--preserve-env=LC_ALL", program, ...args]];
