import { describe, expect, test } from "vitest";
import { Machine } from "./machine";

const unresolved = "echo 'curl: (6) Could not resolve host: get.pulumi.com' >&2; exit 6";

/** Writes a program into the folder after -o. A downloaded module has the line that is edited. */
const goBuilds = `
  if [ "$1 $2" = "mod download" ]; then
    sources=$PWD/../../../downloaded/nodejs/cmd/pulumi-language-nodejs
    /bin/mkdir -p "$sources"
    echo 'fmt.Sprintf("127.0.0.1:%d", handle.Port), pipes.directory())' > "$sources/main.go"
    echo "{\\"Dir\\": \\"$PWD/../../../downloaded\\"}"
    exit
  fi
  while [ "$1" != -o ]; do shift; done
  case $PWD in */cli) name=pulumi ;; */pulumi-yaml) name=pulumi-language-yaml ;; *) name=pulumi-language-nodejs ;; esac
  echo '#!/bin/sh' > $2/$name
  chmod +x $2/$name`;

/** Downloads an installer that does what Pulumi's does with the same arguments. */
const curlDownloads = `
  while [ "$1" != -o ]; do shift; done
  cat > $2 <<'END'
    [ "$1 $2 $4 $5" = "--no-edit-path --install-root --version 3.259.0" ] || exit 1
    /bin/mkdir -p "$3/bin"
    for name in pulumi pulumi-language-nodejs; do echo '#!/bin/sh' > "$3/bin/$name"; /bin/chmod +x "$3/bin/$name"; done
END`;

function machineWith(programs: Record<string, string>): Machine {
  const machine = new Machine();
  machine.program("sh", 'exec /bin/sh "$@"');
  for (const [name, script] of Object.entries(programs)) machine.program(name, script);
  machine.write("node_modules/@pulumi/pulumi/pulumi-resource-pulumi-nodejs", "#!/bin/sh\n");
  return machine;
}

describe("the Pulumi CLI", () => {
  test("an installed Pulumi CLI with its language host is used", async () => {
    const machine = machineWith({ pulumi: "", "pulumi-language-nodejs": "" });
    expect(await machine.setup("pulumi")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect((await machine.setup("path")).stdout).toBe(`${machine.root}/bin\n`);
  });

  test("the Pulumi CLI is downloaded by the official installer if that is reachable", async () => {
    const machine = machineWith({ curl: curlDownloads });
    expect(await machine.setup("pulumi")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("from the official installer"),
    });
    expect((await machine.setup("path")).stdout).toMatch(
      new RegExp(`^${machine.cache}/bin/pulumi-3.259.0-[0-9a-f]{8}\n$`),
    );
    expect(machine.cached().filter((name) => /install|new/.test(name))).toEqual([]);
  });

  test("the Pulumi CLI is built with Go, once, if the installer is unreachable", async () => {
    const machine = machineWith({ curl: unresolved, go: goBuilds });
    expect(await machine.setup("pulumi")).toMatchObject({ code: 0, stderr: expect.stringContaining("built with Go") });
    expect(
      machine
        .cached()
        .map((name) => name.split("/").pop())
        .sort()
        .slice(-3),
    ).toEqual(["pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs", expect.any(String)].sort());
    expect(await machine.setup("pulumi")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(machine.calls("go").filter((call) => /\bbuild\b/.test(call))).toHaveLength(2);
  });

  test("an installed Pulumi CLI without its language host is not used", async () => {
    const machine = machineWith({ pulumi: "", curl: unresolved, go: goBuilds });
    expect((await machine.setup("pulumi")).code).toBe(0);
    expect((await machine.setup("path")).stdout).toContain(machine.cache);
  });

  test("an interrupted download is not followed by a build", async () => {
    const machine = machineWith({ curl: "kill -INT $PPID; exec sleep 10", go: goBuilds });
    expect(await machine.setup("pulumi")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/setup: interrupted\n$/),
    });
    expect(machine.calls("go")).toEqual([]);
    expect(machine.cached()).toEqual(["bin"]);
  });

  test("if download and build fail, nothing is left and both reasons are printed", async () => {
    const machine = machineWith({
      curl: unresolved,
      go: `case $PWD in */cli) echo 'dial tcp: refused' >&2; exit 1 ;; esac; ${goBuilds}`,
    });
    const { code, stderr } = await machine.setup("pulumi");
    expect(code).toBe(1);
    expect(stderr).toContain("Could not resolve host");
    expect(stderr).toContain("dial tcp: refused");
    expect(stderr).toContain("The Pulumi CLI could not be installed");
    expect(machine.cached()).toEqual(["bin"]);
    expect((await machine.setup("path")).code).toBe(1);
  });
});

describe("the host of YAML programs", () => {
  test("it is built with Go, once, next to an installed CLI without it", async () => {
    const machine = machineWith({ pulumi: "", "pulumi-language-nodejs": "", go: goBuilds });
    expect((await machine.setup("path", "yaml")).code).toBe(1);
    expect((await machine.setup("yaml")).code).toBe(0);
    expect(await machine.setup("yaml")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect((await machine.setup("path", "yaml")).stdout).toMatch(
      new RegExp(`^${machine.cache}/bin/pulumi-language-yaml-1.25.0-[0-9a-f]{8}\n$`),
    );
    expect(machine.calls("go").filter((call) => /\bbuild\b/.test(call))).toHaveLength(1);
  });

  test("an installed one is used", async () => {
    const machine = machineWith({ pulumi: "", "pulumi-language-nodejs": "", "pulumi-language-yaml": "" });
    expect(await machine.setup("yaml")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect((await machine.setup("path", "yaml")).stdout).toBe(`${machine.root}/bin\n`);
  });
});
