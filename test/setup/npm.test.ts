import { describe, expect, test } from "vitest";
import { samePackages } from "../../scripts/setup/npm.mjs";
import { Machine } from "./machine";

const lockOf = (packages: object) => JSON.stringify({ packages: { "": { name: "here" }, ...packages } });

/** What `npm ci` does, for one package. */
const installs = (version: string) =>
  `mkdir -p node_modules/a
   echo '{"packages":{"node_modules/a":{"version":"${version}","integrity":"sha"}}}' > node_modules/.package-lock.json`;

function machineThatWants(version: string): Machine {
  const machine = new Machine();
  machine.write("package-lock.json", lockOf({ "node_modules/a": { version, integrity: "sha" } }));
  return machine;
}

describe("what counts as installed", () => {
  const a = { version: "1.0.0", integrity: "sha" };

  test("the same packages", () => expect(samePackages({ "": {}, a }, { a })).toBe(true));
  test("not another version", () => expect(samePackages({ a }, { a: { ...a, version: "1.0.1" } })).toBe(false));
  test("not other contents", () => expect(samePackages({ a }, { a: { ...a, integrity: "other" } })).toBe(false));
  test("not one too few", () => expect(samePackages({ a, b: a }, { a })).toBe(false));
  test("not one too many", () => expect(samePackages({ a }, { a, b: a })).toBe(false));
  test("optional packages for other machines may be away", () =>
    expect(samePackages({ a, b: { ...a, optional: true } }, { a })).toBe(true));
  test("not a folder that npm did not finish", () => expect(samePackages({ a }, undefined)).toBe(false));
});

describe("npm packages", () => {
  test("are installed once, without install scripts, and not again", async () => {
    const machine = machineThatWants("1.0.0");
    machine.program("npm", installs("1.0.0"));
    expect(await machine.setup("npm")).toMatchObject({
      code: 0,
      stdout: "",
      stderr: expect.stringMatching(/npm packages.*done in \d+ s/s),
    });
    expect(await machine.setup("npm")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(machine.calls("npm")).toEqual([expect.stringMatching(/^ci .*--ignore-scripts/)]);
  });

  test("are installed again when a package's folder is gone", async () => {
    const machine = machineThatWants("1.0.0");
    machine.write(
      "node_modules/.package-lock.json",
      lockOf({ "node_modules/a": { version: "1.0.0", integrity: "sha" } }),
    );
    machine.program("npm", installs("1.0.0"));
    expect((await machine.setup("npm")).code).toBe(0);
    expect(machine.calls("npm")).toHaveLength(1);
  });

  test("that cannot be had leave the old ones where they were", async () => {
    const machine = machineThatWants("2.0.0");
    machine.write("node_modules/a/old", "old");
    machine.program("npm", "mkdir node_modules; touch node_modules/half; echo 'npm error network refused' >&2; exit 1");
    const { code, stderr } = await machine.setup("npm");
    expect(code).toBe(1);
    expect(stderr).toContain("npm packages could not be had");
    expect(stderr).toContain("npm error network refused");
    expect(stderr).not.toContain(" at "); // no stack: this is not a bug
    expect(machine.read("node_modules/a/old")).toBe("old");
    expect(machine.read("node_modules/half")).toBeUndefined();
  });

  test("are not believed to be there because npm ended well", async () => {
    const machine = machineThatWants("2.0.0");
    machine.program("npm", installs("1.0.0"));
    expect(await machine.setup("npm")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("not what package-lock.json says"),
    });
  });

  test("and no npm: a sentence, no stack", async () => {
    const { code, stderr } = await machineThatWants("1.0.0").setup("npm");
    expect(code).toBe(1);
    expect(stderr).toContain("`npm` could not be started");
  });
});
