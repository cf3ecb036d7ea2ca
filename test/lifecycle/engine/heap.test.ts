import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const heap = join(__dirname, "..", "..", "..", "provider", "lifecycle", "engine", "heap.ts");

/** Keeps some objects, and drops 15 times as many, each after a while, as a refresh of many hosts does. Prints the peak of the heap. */
const work = `
  const make = (count) => Array.from({ length: count }, (_, i) => ({ i, text: "x" + i }));
  const kept = make(200000);
  const recent = [];
  let peak = 0;
  for (let round = 0; round < 300; round++) {
    recent[round % 20] = make(10000);
    peak = Math.max(peak, process.memoryUsage().heapTotal);
  }
  console.log(peak, kept.length);
`;

const peakOf = (script: string): number =>
  Number.parseInt(execFileSync(process.execPath, ["--import", "tsx", "-e", script], { encoding: "utf8" }), 10);

test("the heap of a provider stays small while much of it becomes garbage", () => {
  const often = peakOf(`require(${JSON.stringify(heap)}).collectGarbageOften(); ${work}`);
  expect(often).toBeLessThan(0.75 * peakOf(work));
}, 60_000);
