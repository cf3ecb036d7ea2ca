import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { hostFacts } from "../../provider/probe";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const capture = readFileSync(join(__dirname, "..", "captures", "lab-t4-a40-a100.txt"));

test("the facts of a host take a fraction of its capture, since they keep no part of that", () => {
  const parse = () => hostFacts(capture.toString());
  // Compiles; what the first captures cost once is not counted.
  for (let i = 0; i < 10; i++) parse();
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const all = Array.from({ length: 30 }, parse);
  collectGarbage();
  const each = (process.memoryUsage().heapUsed - before) / all.length;
  expect(each).toBeLessThan(capture.length / 2);
});
