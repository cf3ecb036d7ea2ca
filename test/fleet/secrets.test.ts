import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { resolveLocally } from "../../provider/fleet";

const folder = mkdtempSync(join(tmpdir(), "fleet-"));
const readSecret = resolveLocally({ path: join(folder, "fleet.yaml") });
mkdirSync(join(folder, "home"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

function fileWith(text: string): string {
  writeFileSync(join(folder, "secret"), text);
  return "./secret";
}

test("env reads an environment variable", () => {
  vi.stubEnv("FLEET_PASSWORD", "abc\n");
  expect(readSecret({ env: "FLEET_PASSWORD" })).toBe("abc\n");
});

test.each([
  ["abc\n", "abc"],
  ["abc\r\n", "abc"],
  ["abc", "abc"],
  ["a\nb\n\n", "a\nb\n"],
  [" abc ", " abc "],
])("file reads %j as the secret %j", (text, secret) => {
  expect(readSecret({ file: fileWith(text) })).toBe(secret);
});

test("a path with ~ is in the home directory", () => {
  vi.stubEnv("HOME", join(folder, "home"));
  writeFileSync(join(folder, "home", "secret"), "at home");
  expect(readSecret({ file: "~/secret" })).toBe("at home");
});

test("a missing secret is reported with the reference and the fleet file", () => {
  vi.stubEnv("FLEET_EMPTY", "");
  const messageFor = (reference: Parameters<typeof readSecret>[0]) => {
    try {
      return resolveLocally({ path: "infra/fleet.yaml" })(reference);
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(messageFor({ env: "FLEET_UNSET" })).toBe(
    "Could not read the secret {env: FLEET_UNSET} of infra/fleet.yaml: the environment variable FLEET_UNSET is not set. Set FLEET_UNSET.",
  );
  expect(messageFor({ env: "FLEET_EMPTY" })).toContain("the environment variable FLEET_EMPTY is empty.");
  expect(messageFor({ file: "keys/a" })).toBe(
    "Could not read the secret {file: keys/a} of infra/fleet.yaml: the file infra/keys/a does not exist.",
  );
  expect(messageFor({ file: "/" })).toContain("/ cannot be read (EISDIR).");
  expect(messageFor({ config: "lab:password" })).toBe(
    "Could not read the secret {config: lab:password} of infra/fleet.yaml: " +
      "only Pulumi can read the configuration of a stack. Use env or file instead.",
  );
});

test("an empty file is refused", () => {
  expect(() => readSecret({ file: fileWith("\n") })).toThrow("secret is empty.");
});
