import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readFleet, showHost } from "../../provider/fleet";
import { root } from "../../scripts/setup/places.mjs";

const main = join(root, "provider/cli/main.ts");
const file = join(__dirname, "fleet.yaml");

/** The command itself, as a process of its own. */
function command(words: string[], input = "") {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", main, ...words], {
    cwd: root,
    input,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

test("shows a host of a file, with all that holds for it", () => {
  const { status, stdout, stderr } = command(["show", file, "--host", "gpu02.rack2.example"]);
  expect(stdout).toBe(showHost(readFleet(file), "gpu02.rack2.example"));
  expect(stdout).toContain("A40-4Q: 4");
  expect([status, stderr]).toEqual([0, ""]);
});

test("ends with 1 and a line on stderr after a mistake", () => {
  expect(command(["show", file, "--host", "gpu99"])).toEqual({
    status: 1,
    stdout: "",
    stderr: expect.stringMatching(/^Could not show gpu99: [^\n]*\n$/),
  });
  expect(command(["show", file])).toEqual({
    status: 1,
    stdout: "",
    stderr: expect.stringMatching(/^error: required option '--host <name\.\.\.>' not specified\n$/),
  });
});

test("helps, and says which version it is", () => {
  expect(command(["--help"])).toMatchObject({
    status: 0,
    stderr: "",
    stdout: expect.stringMatching(/inspect[^]*plan[^]*drift[^]*show[^]*summary/),
  });
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  expect(command(["--version"])).toMatchObject({ status: 0, stdout: `${version}\n` });
});

test("reads a preview from stdin", () => {
  const preview = readFileSync(join(__dirname, "previews/nothing.json"), "utf8");
  expect(command(["summary"], preview)).toEqual({ status: 0, stdout: "### Preview: no changes\n", stderr: "" });
});

test("ends when a host is away, soon and with no connection left", () => {
  const begun = performance.now();
  const { status, stderr } = command(["inspect", "127.0.0.1:1", "--known-hosts", "off"]);
  expect(stderr).toMatch(/^127\.0\.0\.1 away: Could not .* on root@127\.0\.0\.1:1: /);
  expect(status).toBe(1);
  expect(performance.now() - begun).toBeLessThan(30_000);
});

test("needs no Pulumi", () => {
  const script = `require(${JSON.stringify(main)}); console.log(Object.keys(require.cache).filter((path) => path.includes("@pulumi")).length);`;
  const { stdout } = spawnSync(process.execPath, ["--import", "tsx", "-e", script, "--", "--version"], {
    cwd: root,
    encoding: "utf8",
  });
  expect(stdout.split("\n")[0]).toBe("0");
});

test("is what npm links: the compiled file, which names its interpreter", () => {
  const { bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { bin: Record<string, string> };
  expect(bin).toEqual({ "pulumi-nvidia-vgpu": "dist/cli/main.js" });
  expect(readFileSync(main, "utf8").split("\n")[0]).toBe("#!/usr/bin/env node");
});
