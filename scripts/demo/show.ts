import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { LabHost } from "../../test/lab";

const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(0)} s`;

/** Prints what happens next. */
export const announce = (text: string) => console.log(`\n\u001b[1m${text}\u001b[0m\n`);

export const announceEnd = (since: number) => announce(`Done in ${seconds(since)}.`);

/** Shows a command, runs it with its output on the terminal, and prints how long it took. */
export async function show(command: string, run: () => Promise<number | null>, expected = [0]): Promise<void> {
  console.log(`\u001b[36m$ ${command}\u001b[0m`);
  const since = Date.now();
  const code = await run();
  console.log(`\u001b[2m(${seconds(since)}, exit code ${code})\u001b[0m`);
  if (!expected.includes(code ?? -1)) throw new Error(`\`${command}\` ended with ${code}`);
}

/** A command on a lab host, under the name that the demonstration gives it. */
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

/** A program of this machine; what it prints is shown, or left away. */
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
