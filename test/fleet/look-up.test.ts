import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { resolveLocally } from "../../provider/fleet";

const folder = mkdtempSync(join(tmpdir(), "fleet-"));
const lookUp = resolveLocally({ path: join(folder, "fleet.yaml") });
mkdirSync(join(folder, "home"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

function fileWith(text: string): string {
  writeFileSync(join(folder, "secret"), text);
  return "./secret";
}

test("a variable is looked up in the environment", () => {
  vi.stubEnv("FLEET_PASSWORD", "abc\n");
  expect(lookUp({ env: "FLEET_PASSWORD" })).toBe("abc\n");
});

test.each([
  ["abc\n", "abc"],
  ["abc\r\n", "abc"],
  ["abc", "abc"],
  ["a\nb\n\n", "a\nb\n"],
  [" abc ", " abc "],
])("of the file %j it is %j", (text, secret) => {
  expect(lookUp({ file: fileWith(text) })).toBe(secret);
});

test("a file may lie in the home directory", () => {
  vi.stubEnv("HOME", join(folder, "home"));
  writeFileSync(join(folder, "home", "secret"), "at home");
  expect(lookUp({ file: "~/secret" })).toBe("at home");
});

test("what is not there is told, with the reference and the file it is in", () => {
  vi.stubEnv("FLEET_EMPTY", "");
  const seen = (reference: Parameters<typeof lookUp>[0]) => {
    try {
      return resolveLocally({ path: "infra/fleet.yaml" })(reference);
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(seen({ env: "FLEET_UNSET" })).toBe(
    "Could not read the secret {env: FLEET_UNSET} of infra/fleet.yaml: the environment variable FLEET_UNSET is not set. Set FLEET_UNSET.",
  );
  expect(seen({ env: "FLEET_EMPTY" })).toContain("the environment variable FLEET_EMPTY is empty.");
  expect(seen({ file: "keys/a" })).toBe(
    "Could not read the secret {file: keys/a} of infra/fleet.yaml: the file infra/keys/a does not exist.",
  );
  expect(seen({ file: "/" })).toContain("/ cannot be read (EISDIR).");
  expect(seen({ config: "lab:password" })).toBe(
    "Could not read the secret {config: lab:password} of infra/fleet.yaml: " +
      "only Pulumi can read the configuration of a stack. Use env or file instead.",
  );
});

test("an empty file holds no secret", () => {
  expect(() => lookUp({ file: fileWith("\n") })).toThrow("secret is empty.");
});
