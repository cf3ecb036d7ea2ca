import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { explainInstaller } from "../../../provider/apply/explain/explainers";
import { Sandbox, shells } from "./shell";

const kernels = ["6.1.0-28-amd64", "6.1.0-29-amd64"];

/** A package that unpacks to sources, each of which says what `make` of it does. */
const unpacks = (make: Record<string, string>) => `
while [ "$1" != --target ]; do shift; done
[ ! -e "$2" ] || { echo "Directory $2 already exists" >&2; exit 1; }
${Object.entries(make)
  .map(([folder, does]) => `mkdir -p "$2/${folder}" && echo '${does}' >"$2/${folder}/Makefile"`)
  .join("\n")}`;

const builds = "touch nvidia.ko nvidia-vgpu-vfio.ko";

describe.each(shells)("a proof of a package, under %s,", (shell) => {
  let host: Sandbox;
  beforeEach(() => {
    host = new Sandbox(shell)
      // With the kernel for modinfo to tell of what was built.
      .program("make", `cd "$2" && echo "\${5#*=}" >"${"$"}{0%/bin/make}/kernel" && . ./Makefile`)
      .program(
        "modinfo",
        `case $* in *vermagic*) echo "$(cat "${"$"}{0%/bin/modinfo}/kernel") SMP";; *) echo 580.105.06;; esac`,
      );
  });
  afterEach(() => host.remove());
  const prove = (kind = "proprietary") =>
    host.run(`prove_package "${host.root}/x.run" - 580.105.06 ${kind} ${kernels.join(" ")}`, [
      "common",
      "packages",
      "boot",
      "kernel-words",
      "driver",
      "prove",
    ]);
  const leaves = (path: string) => expect(() => host.read(path));

  test("builds its modules for each kernel, and leaves nothing behind", () => {
    host.write({ "x.run": unpacks({ kernel: builds }), "unpacking/proof/of-a-killed-run": "" });
    const { code, out, err } = prove();
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const kernel of kernels) expect(out).toContain(`building the modules of 580.105.06 for ${kernel}`);
    const made = host
      .read("calls")
      .split("\n")
      .filter((call) => call.startsWith("make "));
    expect(made.map((call) => /KERNEL_UNAME=(\S+)/.exec(call)![1])).toEqual(kernels);
    expect(made.every((call) => call.endsWith(" IGNORE_XEN_PRESENCE=1 IGNORE_CC_MISMATCH=1 modules"))).toBe(true);
    leaves("unpacking/proof/kernel/Makefile").toThrow();
    leaves("build.log").toThrow();
  });

  test("uses the kind of sources that the GPUs need, if the package has two", () => {
    host.write({ "x.run": unpacks({ kernel: "exit 1", "kernel-open": builds }) });
    expect(prove("open").code).toBe(0);
    expect(prove("proprietary").code).toBe(1);
  });

  test("that fails reports the compiler's first error, keeps its output, and removes the unpacked files", () => {
    host.write({
      "x.run": unpacks({
        kernel: "echo nv.c:12:3: error: implicit declaration of vm_flags_set; echo make: \\*\\*\\* Error 1; exit 2",
      }),
    });
    const { code, err } = prove();
    expect(code).toBe(1);
    expect(err.trim().split("\n").at(-1)).toBe(`the modules of 580.105.06 do not build for the kernel ${kernels[0]}`);
    expect(explainInstaller(err)?.cause).toContain("nv.c:12:3: error: implicit declaration of vm_flags_set");
    expect(explainInstaller(err)?.hint).toContain("Nothing was removed.");
    expect(host.read("build.log")).toContain("implicit declaration");
    leaves("unpacking/proof/kernel/Makefile").toThrow();
  });

  test.each([
    ["builds no vGPU module, as of the data-centre driver", "touch nvidia.ko", "builds no nvidia-vgpu-vfio"],
    [
      "is of another kernel",
      `echo 5.10 >"${"$"}{0%/bin/make}/kernel"; ${builds}`,
      "are built for 5.10 instead of 6.1.0-28-amd64",
    ],
  ])("is none when it %s", (_, does, seen) => {
    host.write({ "x.run": unpacks({ kernel: does }) });
    expect(prove()).toMatchObject({ code: 1, err: expect.stringContaining(seen) });
  });

  test("fails if the package has another version, cannot be unpacked, or has nothing to build", () => {
    host.write({ "x.run": unpacks({ kernel: builds }) }).program("modinfo", "echo 580.95.02");
    expect(prove().err).toContain("the package should build nvidia 580.105.06 and builds: 580.95.02");
    host.write({ "x.run": "echo 'tar: No space left on device' >&2; exit 1" });
    expect(prove()).toMatchObject({ code: 1, err: expect.stringContaining("cannot be unpacked below") });
    host.write({ "x.run": unpacks({ other: "" }) });
    expect(prove()).toMatchObject({ code: 1, err: expect.stringContaining("there is no kernel/Makefile") });
  });
});
