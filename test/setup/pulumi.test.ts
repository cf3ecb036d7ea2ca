import { describe, expect, test } from "vitest";
import { Machine } from "./machine";

const refuse = "echo 'curl: (6) Could not resolve host: get.pulumi.com' >&2; exit 6";

/** Leaves the program that it is told to build in the folder behind -o. */
const goBuilds = `
  while [ "$1" != -o ]; do shift; done
  case $PWD in */cli) name=pulumi ;; *) name=pulumi-language-nodejs ;; esac
  echo '#!/bin/sh' > $2/$name
  chmod +x $2/$name`;

/** An installer that does as Pulumi's own does with the same arguments. */
const curlBrings = `
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
  test("that is installed with its language host is used", async () => {
    const machine = machineWith({ pulumi: "", "pulumi-language-nodejs": "" });
    expect(await machine.setup("pulumi")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect((await machine.setup("path")).stdout).toBe(`${machine.root}/bin\n`);
  });

  test("comes from the official installer where that can be reached", async () => {
    const machine = machineWith({ curl: curlBrings });
    expect(await machine.setup("pulumi")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("from the official installer"),
    });
    expect((await machine.setup("path")).stdout).toMatch(
      new RegExp(`^${machine.cache}/bin/pulumi-3.259.0-[0-9a-f]{8}\n$`),
    );
    expect(machine.cached().filter((name) => /install|new/.test(name))).toEqual([]);
  });

  test("is built with Go where it cannot, once", async () => {
    const machine = machineWith({ curl: refuse, go: goBuilds });
    expect(await machine.setup("pulumi")).toMatchObject({ code: 0, stderr: expect.stringContaining("built with Go") });
    expect(
      machine
        .cached()
        .map((name) => name.split("/").pop())
        .sort()
        .slice(-3),
    ).toEqual(["pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs", expect.any(String)].sort());
    expect(await machine.setup("pulumi")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(machine.calls("go")).toHaveLength(2);
  });

  test("that lacks its language host is not used", async () => {
    const machine = machineWith({ pulumi: "", curl: refuse, go: goBuilds });
    expect((await machine.setup("pulumi")).code).toBe(0);
    expect((await machine.setup("path")).stdout).toContain(machine.cache);
  });

  test("is not tried for in another way when somebody interrupts", async () => {
    const machine = machineWith({ curl: "kill -INT $PPID; exec sleep 10", go: goBuilds });
    expect(await machine.setup("pulumi")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/setup: interrupted\n$/),
    });
    expect(machine.calls("go")).toEqual([]);
    expect(machine.cached()).toEqual(["bin"]);
  });

  test("that cannot be had in any way leaves nothing, and says why for each way", async () => {
    const machine = machineWith({
      curl: refuse,
      go: `case $PWD in */cli) echo 'dial tcp: refused' >&2; exit 1 ;; esac; ${goBuilds}`,
    });
    const { code, stderr } = await machine.setup("pulumi");
    expect(code).toBe(1);
    expect(stderr).toContain("Could not resolve host");
    expect(stderr).toContain("dial tcp: refused");
    expect(stderr).toContain("The Pulumi CLI could not be had");
    expect(machine.cached()).toEqual(["bin"]);
    expect((await machine.setup("path")).code).toBe(1);
  });
});
