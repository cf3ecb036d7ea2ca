import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { LabHost } from "../../test/lab";

const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(0)} s`;

/** Prints a heading. */
export const announce = (text: string) => console.log(`\n\u001b[1m${text}\u001b[0m\n`);

export const announceEnd = (since: number) => announce(`Done in ${seconds(since)}.`);

/** Shows a command, runs it with its output on the terminal, and prints how long it took. */
export async function show(command: string, run: () => Promise<number | null>, expected = [0]): Promise<void> {
  console.log(`\u001b[36m$ ${command}\u001b[0m`);
  const since = Date.now();
  const code = await run();
  console.log(`\u001b[2m(${seconds(since)}, exit code ${code})\u001b[0m`);
  if (!expected.includes(code ?? -1)) throw new Error(`\`${command}\` failed with exit code ${code}`);
}

/** Runs a command on a lab host, shown with the name that the host has in the demonstration. */
export const onHost = (name: string, lab: LabHost, command: string, expected?: number[]) =>
  show(
    `ssh ${name} '${command}'`,
    async () => {
      const { code, stdout, stderr } = await lab.sh(command);
      process.stdout.write(stdout + stderr);
      return code;
    },
    expected,
  );

/** Runs a program of this machine, and shows or ignores its stdout. */
export function run(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  stdout: "shown" | "ignored" = "shown",
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] })
      .once("error", reject)
      .once("close", resolve);
    // Without a terminal Pulumi prints a line of dots for each second.
    const lines = createInterface(child.stdout);
    lines.on("line", (line) => stdout === "shown" && !/^@ \w+/.test(line) && console.log(line));
  });
}
