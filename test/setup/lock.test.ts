import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Machine } from "./machine";

/** A machine on which the set-up takes long enough for a second one to start. */
function slowMachine(): Machine {
  const machine = new Machine();
  machine.write("package-lock.json", JSON.stringify({ packages: { "node_modules/a": { version: "1.0.0" } } }));
  const lockFile = '{"packages":{"node_modules/a":{"version":"1.0.0"}}}';
  machine.program("npm", `sleep 1; mkdir -p node_modules/a; echo '${lockFile}' > node_modules/.package-lock.json`);
  return machine;
}

function leaveLock(machine: Machine, owner: string): void {
  const lock = join(machine.cache, "setup.lock");
  mkdirSync(lock, { recursive: true });
  writeFileSync(join(lock, owner), "");
}

test("of several concurrent set-ups one installs, and the others wait and find nothing missing", async () => {
  const machine = slowMachine();
  const outcomes = await Promise.all([1, 2, 3].map(() => machine.setup("npm")));
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(outcomes.filter(({ stderr }) => stderr.includes("waiting for another set-up"))).toHaveLength(2);
  expect(machine.calls("npm")).toHaveLength(1);
  expect(readdirSync(machine.cache)).toEqual(["setup.lock"]);
  expect(readdirSync(join(machine.cache, "setup.lock"))).toEqual([]);
});

test.each([
  ["a process that has ended", "4194305-1"],
  ["a process with a pid that another process has now", `${process.pid}-1`],
])("set-up takes over the lock of %s", async (_, owner) => {
  const machine = slowMachine();
  leaveLock(machine, owner);
  const { code, stderr } = await machine.setup("npm");
  expect(code).toBe(0);
  expect(stderr).not.toContain("waiting");
});
