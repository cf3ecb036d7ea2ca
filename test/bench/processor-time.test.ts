import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { measured } from "./processor-time";

test("processor time is that of processes that work, not of those that wait", async () => {
  const busy = "i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done";
  const run = (script: string) => measured(() => once(spawn("sh", ["-c", script]), "close"));
  // In a shell below the shell, as the CLI has processes below it.
  const worked = await run(`sh -c '${busy}'; true`);
  const waited = await run("sleep 1; true");
  expect(worked.cpuMs).toBeGreaterThan(50);
  expect(waited.ms).toBeGreaterThan(900);
  expect(waited.cpuMs).toBeLessThan(worked.cpuMs / 2);
});
