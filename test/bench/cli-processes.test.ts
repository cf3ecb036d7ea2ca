import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CliProcesses } from "./cli-processes";

test("each process that a CLI starts is told from the others, with its processor time and memory", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cli-processes-"));
  const programs = ["cmd/run", "cmd/dynamic-provider"].map((name) => join(folder, name));
  for (const program of programs) {
    mkdirSync(program, { recursive: true });
    const work = program.endsWith("run") ? 200 : 400;
    writeFileSync(join(program, "index.js"), `while (process.cpuUsage().user < ${work}e3); setTimeout(() => {}, 300);`);
  }
  const script = programs.map((program) => `node ${program}/index.js x &`).join(" ");
  const cli = spawn("sh", ["-c", `${script} wait`]);
  const processes = new CliProcesses(cli.pid!);
  try {
    await once(cli, "close");
  } finally {
    processes.end();
    rmSync(folder, { recursive: true });
  }
  const times = processes.times(2_000);
  expect(times["the program"]).toBeGreaterThanOrEqual(200);
  expect(times["the provider"]).toBeGreaterThanOrEqual(400);
  expect(times["the provider"]).toBeGreaterThan(times["the program"]);
  expect(times["a second provider"]).toBe(0);
  expect(times["the CLI"]).toBe(2_000 - times["the program"] - times["the provider"]);
  expect(processes.peakMiB).toBeGreaterThan(20);
});
