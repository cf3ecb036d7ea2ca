import { execFileSync } from "node:child_process";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { pulumiFolder } from "../engine/stack";

/** Returns where and when a table was measured. */
export function environment(): string {
  const [{ model } = { model: "an unknown processor" }] = cpus();
  const version = (program: string, ...args: string[]) =>
    execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  const facts = [
    new Date().toISOString().slice(0, 10),
    `${model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${type()} ${release()}`,
    `Node ${process.version}`,
    `Pulumi ${version(`${pulumiFolder()}/pulumi`, "version")}`,
    `load ${loadavg()[0]!.toFixed(1)} before it began`,
  ];
  return facts.join("; ");
}

/** Returns a Markdown table with numbers aligned to the right. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const isNumber = (column: number) => rows.every((row) => /^[\d.–-]/.test(row[column]!));
  return [head, head.map((_, column) => (isNumber(column) ? "---:" : "---")), ...rows].map(line).join("\n");
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 9950 ? 1 : 0)} s`;

export const ratio = (part: number, whole: number): string => (part / whole).toFixed(2);

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Returns k of the power law "time grows as hosts to the power of k" that fits the points best: the slope of their logarithms, by least
 * squares. 1 is growth in proportion.
 */
export function growthExponent(points: readonly (readonly [hosts: number, time: number])[]): number {
  const logarithms = points.map(([hosts, time]) => [Math.log(hosts), Math.log(time)] as const);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(logarithms.map(([one]) => one)), mean(logarithms.map(([, one]) => one))];
  const slope = mean(logarithms.map(([a, b]) => (a - x) * (b - y)));
  return slope / mean(logarithms.map(([a]) => (a - x) ** 2));
}

/** Returns how long work takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Prints to stderr: stdout is for the tables. */
export const printProgress = (line: string): void => void process.stderr.write(`bench: ${line}\n`);
