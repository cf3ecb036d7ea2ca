import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readFleet, showHost } from "../../provider/fleet";
import { root } from "../../scripts/setup/places.mjs";

const main = join(root, "provider/cli/main.ts");
const file = join(__dirname, "fleet.yaml");

/** Runs the command as a process. */
function command(words: string[], input = "") {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", main, ...words], {
    cwd: root,
    input,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

test("show prints a host of a file with its merged settings", () => {
  const { status, stdout, stderr } = command(["show", file, "--host", "gpu02.rack2.example"]);
  expect(stdout).toBe(showHost(readFleet(file), "gpu02.rack2.example"));
  expect(stdout).toContain("A40-4Q: 4");
  expect([status, stderr]).toEqual([0, ""]);
});

test("a wrong argument exits with 1 and one line on stderr", () => {
  expect(command(["show", file, "--host", "gpu99"])).toEqual({
    status: 1,
    stdout: "",
    stderr: expect.stringMatching(/^Could not show gpu99: [^\n]*\n$/),
  });
  expect(command(["show", file])).toEqual({
    status: 1,
    stdout: "",
    stderr: expect.stringMatching(/^error: required option '--host <names>' not specified\n$/),
  });
});

test("the help of each command has the exit codes", () => {
  for (const name of ["inspect", "plan", "drift", "show", "summary"])
    expect(command([name, "--help"]), name).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/Example:[^]*Exit codes: 0 no changes, 1 error, 2 changes/),
    });
});

test("--host does not take the file that follows, and can be given several times or with commas", () => {
  const shown = (words: string[]) => command(["show", ...words]).stdout;
  const both = shown([file, "--host", "gpu01.rack2.example", "--host", "gpu02.rack2.example"]);
  expect(both.match(/^gpu0\d/gm)).toHaveLength(2);
  expect(shown(["--host", "gpu01.rack2.example,gpu02.rack2.example", file])).toBe(both);
  expect(shown(["--host", "gpu[01,02].rack2.example", file])).toBe(both);
});

test("a misspelled command or option is an error with what may be meant", () => {
  expect(command(["drfit", file])).toMatchObject({ status: 1, stderr: expect.stringContaining("Did you mean drift?") });
  expect(command(["drift", file, "--hots", "a"])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("Did you mean --host?"),
  });
});

test("--help lists the commands, and --version prints the version", () => {
  expect(command(["--help"])).toMatchObject({
    status: 0,
    stderr: "",
    stdout: expect.stringMatching(/inspect[^]*plan[^]*drift[^]*show[^]*summary/),
  });
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  expect(command(["--version"])).toMatchObject({ status: 0, stdout: `${version}\n` });
});

test("summary reads a preview from stdin", () => {
  const preview = readFileSync(join(__dirname, "previews/nothing.json"), "utf8");
  expect(command(["summary"], preview)).toEqual({ status: 0, stdout: "### Preview: no changes\n", stderr: "" });
});

test("inspect of an unreachable host ends soon and closes its connections", () => {
  const begun = performance.now();
  const { status, stderr } = command(["inspect", "127.0.0.1:1", "--known-hosts", "off"]);
  expect(stderr).toMatch(/^127\.0\.0\.1 unreachable: Could not .* on root@127\.0\.0\.1:1: /);
  expect(status).toBe(1);
  expect(performance.now() - begun).toBeLessThan(30_000);
});

test("the command does not load Pulumi", () => {
  const script = `require(${JSON.stringify(main)}); console.log(Object.keys(require.cache).filter((path) => path.includes("@pulumi")).length);`;
  const { stdout } = spawnSync(process.execPath, ["--import", "tsx", "-e", script, "--", "--version"], {
    cwd: root,
    encoding: "utf8",
  });
  expect(stdout.split("\n")[0]).toBe("0");
});

test("the bin entries of package.json are the compiled file, with an interpreter line, and the plugin", () => {
  const { bin } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { bin: Record<string, string> };
  expect(bin).toEqual({
    "pulumi-nvidia-vgpu": "dist/cli/main.js",
    "pulumi-resource-nvidia-vgpu": "plugin/pulumi-resource-nvidia-vgpu",
  });
  expect(readFileSync(main, "utf8").split("\n")[0]).toBe("#!/usr/bin/env node");
});
