import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { median, seconds, timed } from "../report";

const root = join(__dirname, "..", "..", "..");

/** The programs that the CLI starts for resources. Each prints its port when it can be called. */
const providers = {
  "the dynamic provider": join(root, "node_modules", "@pulumi", "pulumi", "cmd", "dynamic-provider"),
  "the native plugin": join(root, "plugin", "pulumi-resource-nvidia-vgpu"),
};

/** Returns a sentence with the time from the start of a provider to its port. */
export async function startSentence(starts = 5): Promise<string> {
  const times: string[] = [];
  for (const [name, program] of Object.entries(providers)) {
    const all: number[] = [];
    for (let start = 0; start < starts; start++) all.push(await timeToPort(program));
    times.push(`${name} ${seconds(median(all))}`);
  }
  return `From the start of the process to its port (median of ${starts}): ${times.join(", ")}.`;
}

async function timeToPort(program: string): Promise<number> {
  // Nobody is at the address of the engine: a provider calls it only to log.
  const child = spawn(process.execPath, [program, "127.0.0.1:1"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  try {
    return await timed(() =>
      Promise.race([once(child.stdout, "data"), ended.then(() => Promise.reject(noPort(program)))]),
    );
  } finally {
    child.kill();
    await ended;
  }
}

const noPort = (program: string) => new Error(`${program} ended without printing a port.`);
