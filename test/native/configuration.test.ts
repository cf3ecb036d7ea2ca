import { describe, expect, test } from "vitest";
import { parseConfiguration, withDefaults } from "../../provider/native/configuration";

describe("the configuration of the provider", () => {
  test("values of a stack arrive as text, and get their types", () => {
    const given = { port: "2222", password: "1234", proxy: '{"host":"jump"}', strictPreview: "true", version: "1.0.0" };
    expect(parseConfiguration(given)).toEqual({
      value: { port: 2222, password: "1234", proxy: { host: "jump" }, strictPreview: true },
      issues: [],
    });
  });

  test("an unknown property, or one of the wrong type, is an issue", () => {
    const { issues } = parseConfiguration({ usr: "ops", port: "many" });
    expect(issues.map(({ code, path }) => [code, ...path])).toEqual([["invalid_type", "port"], ["unrecognized_keys"]]);
  });

  test("a connection gets what it leaves open, and keeps what it has", () => {
    const configuration = { user: "ops", port: 22, knownHosts: "off", strictPreview: true };
    expect(withDefaults({ host: "gpu01", port: 2222 }, configuration)).toEqual({
      host: "gpu01",
      port: 2222,
      user: "ops",
      knownHosts: "off",
    });
  });

  test("a connection with a key of its own does not get another one, nor its passphrase", () => {
    const configuration = { privateKeyPath: "~/.ssh/id", privateKeyPassword: "secret", knownHosts: "off" };
    expect(withDefaults({ host: "h", privateKey: "text", hostKey: "SHA256:x" }, configuration)).toEqual({
      host: "h",
      privateKey: "text",
      hostKey: "SHA256:x",
    });
  });
});
