import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Machine } from "./machine";

/** A machine on which setting up takes long enough to meet somebody else. */
function slowMachine(): Machine {
  const machine = new Machine();
  machine.write("package-lock.json", JSON.stringify({ packages: { "node_modules/a": { version: "1.0.0" } } }));
  const noted = '{"packages":{"node_modules/a":{"version":"1.0.0"}}}';
  machine.program("npm", `sleep 1; mkdir -p node_modules/a; echo '${noted}' > node_modules/.package-lock.json`);
  return machine;
}

function leaveLock(machine: Machine, owner: string): void {
  const lock = join(machine.cache, "setup.lock");
  mkdirSync(lock, { recursive: true });
  writeFileSync(join(lock, owner), "");
}

test("of several set-ups at once one works, and the others find it done", async () => {
  const machine = slowMachine();
  const outcomes = await Promise.all([1, 2, 3].map(() => machine.setup("npm")));
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(outcomes.filter(({ stderr }) => stderr.includes("waiting for another set-up"))).toHaveLength(2);
  expect(machine.calls("npm")).toHaveLength(1);
  expect(readdirSync(machine.cache)).toEqual(["setup.lock"]);
  expect(readdirSync(join(machine.cache, "setup.lock"))).toEqual([]);
});

test.each([
  ["a process that is gone", "4194305-1"],
  ["a process whose number somebody else has now", `${process.pid}-1`],
])("the lock of %s is taken over", async (_, owner) => {
  const machine = slowMachine();
  leaveLock(machine, owner);
  const { code, stderr } = await machine.setup("npm");
  expect(code).toBe(0);
  expect(stderr).not.toContain("waiting");
});
