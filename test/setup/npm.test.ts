import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { samePackages } from "../../scripts/setup/npm.mjs";
import { root } from "../../scripts/setup/places.mjs";
import { Machine } from "./machine";

const manifestOf = (folder: string) => JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));

const lockOf = (packages: object) => JSON.stringify({ packages: { "": { name: "here" }, ...packages } });

/** Does what `npm ci` does, for one package. */
const installPackage = (version: string) =>
  `mkdir -p node_modules/a
   echo '{"packages":{"node_modules/a":{"version":"${version}","integrity":"sha"}}}' > node_modules/.package-lock.json`;

function machineWithLock(version: string): Machine {
  const machine = new Machine();
  machine.write("package-lock.json", lockOf({ "node_modules/a": { version, integrity: "sha" } }));
  return machine;
}

describe("comparison of installed packages with the lock file", () => {
  const a = { version: "1.0.0", integrity: "sha" };

  test("the same packages count as installed", () => expect(samePackages({ "": {}, a }, { a })).toBe(true));
  test("another version does not count as installed", () =>
    expect(samePackages({ a }, { a: { ...a, version: "1.0.1" } })).toBe(false));
  test("other contents do not count as installed", () =>
    expect(samePackages({ a }, { a: { ...a, integrity: "other" } })).toBe(false));
  test("a missing package does not count as installed", () => expect(samePackages({ a, b: a }, { a })).toBe(false));
  test("an additional package does not count as installed", () => expect(samePackages({ a }, { a, b: a })).toBe(false));
  test("a missing optional package counts as installed", () =>
    expect(samePackages({ a, b: { ...a, optional: true } }, { a })).toBe(true));
  test("a folder that npm did not finish does not count as installed", () =>
    expect(samePackages({ a }, undefined)).toBe(false));
});

test("the lock file is that of package.json and of all examples", () => {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const examples = readdirSync(join(root, "examples")).map((name) => join("examples", name));
  const folders = ["", ...examples.filter((folder) => existsSync(join(root, folder, "package.json")))];
  const locked = Object.keys(packages).filter((path) => path === "" || path.startsWith("examples/"));
  expect(locked.sort()).toEqual(folders.sort());
  for (const folder of folders) {
    const { dependencies = {}, devDependencies = {}, bin } = manifestOf(folder);
    expect(packages[folder].dependencies ?? {}, folder).toEqual(dependencies);
    expect(packages[folder].devDependencies ?? {}, folder).toEqual(devDependencies);
    expect(packages[folder].bin, folder).toEqual(bin);
  }
});

describe("npm packages", () => {
  test("npm packages are installed once, without install scripts", async () => {
    const machine = machineWithLock("1.0.0");
    machine.program("npm", installPackage("1.0.0"));
    expect(await machine.setup("npm")).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringMatching(/npm packages.*done in \d+ s/s),
    });
    expect(await machine.setup("npm")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(machine.calls("npm")).toEqual([expect.stringMatching(/^ci .*--ignore-scripts/)]);
  });

  test("npm packages are installed again when the folder of one is missing", async () => {
    const machine = machineWithLock("1.0.0");
    machine.write(
      "node_modules/.package-lock.json",
      lockOf({ "node_modules/a": { version: "1.0.0", integrity: "sha" } }),
    );
    machine.program("npm", installPackage("1.0.0"));
    expect((await machine.setup("npm")).code).toBe(0);
    expect(machine.calls("npm")).toHaveLength(1);
  });

  test("a failing npm ci shows what npm said first, where the rest is long", async () => {
    const machine = machineWithLock("2.0.0");
    machine.program("npm", "echo 'not in sync'; for i in $(seq 60); do echo option $i; done; exit 1");
    const { stderr } = await machine.setup("npm");
    expect(stderr).toContain("not in sync");
    expect(stderr).not.toContain("option 30\n");
    expect(stderr).toContain("option 60");
  });

  test("a failing npm ci keeps the old packages", async () => {
    const machine = machineWithLock("2.0.0");
    machine.write("node_modules/a/old", "old");
    machine.program("npm", "mkdir node_modules; touch node_modules/half; echo 'npm error network refused' >&2; exit 1");
    const { code, stderr } = await machine.setup("npm");
    expect(code).toBe(1);
    expect(stderr).toContain("npm packages could not be installed");
    expect(stderr).toContain("npm error network refused");
    expect(stderr).not.toContain(" at "); // no stack: this is not a bug
    expect(machine.read("node_modules/a/old")).toBe("old");
    expect(machine.read("node_modules/half")).toBeUndefined();
  });

  test("packages that differ from the lock file are an error, though npm ci succeeded", async () => {
    const machine = machineWithLock("2.0.0");
    machine.program("npm", installPackage("1.0.0"));
    expect(await machine.setup("npm")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("differs from package-lock.json"),
    });
  });

  test("a missing npm is an error without a stack", async () => {
    const { code, stderr } = await machineWithLock("1.0.0").setup("npm");
    expect(code).toBe(1);
    expect(stderr).toContain("`npm` could not be started");
  });
});
