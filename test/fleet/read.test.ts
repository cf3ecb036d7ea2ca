import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { FleetFileError, parseFleet, readFleet } from "../../provider/fleet";
import { secretProperties } from "../../provider/model/connection";
import { isUserError } from "../../provider/model/errors";

const folder = mkdtempSync(join(tmpdir(), "fleet-"));
afterAll(() => rmSync(folder, { recursive: true }));

const thrownBy = (run: () => unknown): Error => {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
};

test("readFleet returns the hosts and the path", () => {
  const path = join(folder, "fleet.yaml");
  writeFileSync(path, "version: 1\nhosts: {gpu01.example: {}}\n");
  expect(readFleet(path)).toEqual({
    path,
    hosts: [{ name: "gpu01.example", connection: { host: "gpu01.example" }, gpus: {}, protect: false }],
  });
});

test("a missing file is a UserError with its path", () => {
  const error = thrownBy(() => readFleet("infra/fleet.yml"));
  expect(isUserError(error)).toBe(true);
  expect(error.message).toBe("Could not read the fleet file infra/fleet.yml: there is no such file.");
});

test("a file in UTF-16 is named as that, and not shown", () => {
  const path = join(folder, "utf16.yaml");
  writeFileSync(path, Buffer.from("\ufeffversion: 1\n", "utf16le"));
  expect(thrownBy(() => readFleet(path)).message).toMatch(/:1:1: not UTF-8: save the file as UTF-8$/);
});

test("a folder is not a fleet file", () => {
  expect(thrownBy(() => readFleet(folder)).message).toBe(
    `Could not read the fleet file ${folder}: it is a folder, not a file.`,
  );
});

test("all mistakes are in one message of a UserError", () => {
  const error = thrownBy(() => parseFleet("version: 2\nhots: {}\n", "infra/fleet.yaml"));
  expect(error).toBeInstanceOf(FleetFileError);
  expect(isUserError(error)).toBe(true);
  expect(error.message.split("\n")).toEqual([
    "Could not use the fleet file infra/fleet.yaml: 2 mistakes.",
    "infra/fleet.yaml:1:10: version: found 2; this release reads version 1",
    'infra/fleet.yaml:2:1: unknown key "hots"; did you mean hosts?',
  ]);
});

test("a mistake that five thousand hosts share is reported once", () => {
  const text = "version: 1\ngroups: {a: {hosts: 'gpu[0001-5000]', gpus: {a: {}}}}";
  const error = thrownBy(() => parseFleet(text, "fleet.yaml")) as FleetFileError;
  expect(error.issues).toEqual(["fleet.yaml:2:46: groups.a.gpus.a.gpu: required"]);
});

const secret = "hunter-2";
const references = [{ [secret]: 1 }, { env: secret }, { env: [secret] }, { env: "A", file: secret, config: "b" }];
const wrong = [secret, [secret], ...references, `${secret}: 1`, null, 4711];
const places = [...secretProperties, "sudo", "proxy"];

test.each(places)("no message shows the value of %s", (property) => {
  for (const value of wrong) {
    const part = { [property]: value };
    for (const connection of [part, { proxy: { host: "jump.example", ...part } }, { sudo: part }]) {
      const error = thrownBy(() =>
        parseFleet(stringify({ version: 1, hosts: { "gpu01.example": { connection } } }), "fleet.yaml"),
      );
      expect(error.message).toMatch(/connection\b.*: /);
      expect(error.message).not.toMatch(/hunter|4711/);
    }
  }
});

test("a secret in a syntax error is not shown", () => {
  const values = ["'hunter2'x", "|hunter2", "hunter2: x", "@hunter2", "*hunter2"].map((value) => `password: ${value}`);
  for (const line of [...values, '"\\qhunter2"', "{hunter2", "hunter2]}", "- hunter2"]) {
    const error = thrownBy(() =>
      parseFleet(`version: 1\ndefaults:\n  connection:\n    user: ops\n    ${line}\n`, "fleet.yaml"),
    );
    expect(error.message).toMatch(/^Could not use the fleet file/);
    expect(error.message).not.toContain("hunter2");
  }
});
