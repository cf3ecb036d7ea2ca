import { readFileSync } from "node:fs";
import { timed } from "./report";

/** In milliseconds. Processor time is that of all processes of the work, and depends less on other work on the machine. */
export interface Effort {
  ms: number;
  cpuMs: number;
}

/** Returns how long work takes, and the processor time of the processes that it starts and waits for. */
export async function measured(work: () => Promise<unknown>): Promise<Effort> {
  const before = childrenMs();
  const ms = await timed(work);
  return { ms, cpuMs: childrenMs() - before };
}

/** The processor time of all descendants that have ended and were waited for: proc(5), fields cutime and cstime, in 1/100 s. */
function childrenMs(): number {
  // The name of the program may contain spaces; it ends with the last bracket.
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)!.split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
