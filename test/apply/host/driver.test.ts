import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { explainInstaller } from "../../../provider/apply/explain/explainers";
import { Sandbox, shells } from "./shell";
import { StandInProcesses } from "./stand-in-processes";

describe.each(shells)("under %s", (shell) => {
  let host: Sandbox;
  beforeEach(() => {
    host = new Sandbox(shell);
    host
      .program("depmod")
      .program("modinfo", "case $* in *nvidia-vgpu-vfio*) echo /lib/modules/x.ko;; *) echo 550.163.02;; esac");
  });
  // One test makes thousands of files.
  afterEach(() => host.remove(), 60_000);

  describe("the installer", () => {
    const run = (digest = "-", flags = "--ui=none --no-questions") =>
      host.run(`run_installer "${host.root}/x.run" ${digest} 550.163.02 6.1.0-28-amd64 ${flags}`);
    const withPackage = (script: string) => host.write({ "x.run": script });

    test("gets its flags and an own folder to unpack in, and its progress is reported", () => {
      withPackage(
        `echo "$@" >"${host.root}/got"; [ -d "$2" ] && [ "$TMPDIR" = "$2" ] && echo "  Building: [####] 100%"`,
      );
      const { code, out, err } = run();
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toContain("Building: [####] 100%");
      expect(host.read("got")).toBe(`--tmpdir ${host.root}/unpacking/tmp --ui=none --no-questions\n`);
    });

    test("runs when the package has the digest that was given, and not otherwise", () => {
      const script = `touch "${host.root}/ran"`;
      withPackage(script);
      const wrong = run("0".repeat(64));
      expect(wrong.code).toBe(1);
      expect(wrong.err).toContain(`not ${"0".repeat(64)}`);
      expect(() => host.read("ran")).toThrow();
      expect(run(createHash("sha256").update(script).digest("hex")).code).toBe(0);
      expect(host.read("ran")).toBe("");
    });

    test("that is missing is an error", () => {
      expect(run()).toMatchObject({ code: 1, err: expect.stringContaining("there is no ") });
    });

    test("that fails prints the first error of its log last, and the previous log is kept", () => {
      host.write({ "installer.log": "of another day\n" });
      withPackage(
        `cat >"${host.root}/installer.log" <<'END'; exit 1
-> Detected 2 CPUs online
ERROR: Unable to find the development tool \`cc\` in your path; please
ERROR: Installation has failed.  Please see the file
END`,
      );
      const { code, err } = run();
      expect(code).toBe(1);
      expect(err.trim().split("\n").at(-1)).toBe(
        "ERROR: Unable to find the development tool `cc` in your path; please",
      );
      expect(err).toContain("-> Detected 2 CPUs");
      expect(explainInstaller(err)?.cause).toContain("cc is missing");
      expect(host.read("installer.log.previous")).toBe("of another day\n");
    });

    test("that fails in a long build is explained by the cause at its beginning, also from DKMS' own log", () => {
      const build = (first: string) =>
        [first, ...Array.from({ length: 200 }, (_, i) => `  CC [M] nvidia/nv-${i}.o`)]
          .map((line) => `${line}\n`)
          .join("");
      const failed = 'ERROR: An error occurred while performing the step: "Building kernel modules".';
      const fails = (log: string) => {
        withPackage(`cat >"${host.root}/installer.log" <<'END'; exit 1\n${log}${failed}\nEND`);
        return explainInstaller(run().err)?.cause;
      };
      const bailingOut = "*** Failed CC version check. Bailing out! ***";
      expect(fails(build(bailingOut))).toContain("compiler differs");
      host.write({ "dkms/550.163.02/build/make.log": build(bailingOut) });
      expect(fails("")).toContain("compiler differs");
    });

    test("that failed before it opened its log is not explained by an older log", () => {
      host.write({ "installer.log": "ERROR: of another day\n" });
      withPackage("echo 'ERROR: Invalid commandline, please run --help' >&2; exit 1");
      const { code, out, err } = run();
      expect(code).toBe(1);
      expect(out).toContain("Invalid commandline");
      expect(err).not.toContain("of another day");
    });

    test("that exits with 0 is verified", () => {
      withPackage("exit 0");
      host.program("modinfo", "echo 550.144.02");
      expect(run()).toMatchObject({
        code: 1,
        err: expect.stringContaining("nvidia for 6.1.0-28-amd64 should be 550.163.02 and is: 550.144.02"),
      });
    });

    test("of the data-centre driver is recognised by the missing module", () => {
      withPackage("exit 0");
      host.program("modinfo", "case $* in *vgpu*) exit 1;; *) echo 550.163.02;; esac");
      expect(run()).toMatchObject({ code: 1, err: expect.stringContaining("without nvidia-vgpu-vfio") });
    });
  });

  describe("packages", () => {
    const install = (minutes: number) =>
      host.run(
        `tidy_minutes=${minutes}; run_installer "${host.root}/unpacking/packages/new.run" - 550.163.02 6.1.0-28-amd64`,
      );
    const packages = () => readdirSync(join(host.root, "unpacking/packages")).sort();
    const there = {
      "unpacking/packages/new.run": "",
      "unpacking/packages/old.run": "",
      "unpacking/packages/other.run.0123456789abcdef.part": "",
      "unpacking/proof/kernel/nvidia.c": "",
    };

    test("of other versions, abandoned uploads and the rest of a proof are removed after an installation", () => {
      host.write(there);
      expect(install(0)).toMatchObject({ code: 0, err: "" });
      expect(packages()).toEqual(["new.run"]);
      expect(() => host.read("unpacking/proof/kernel/nvidia.c")).toThrow();
    });

    test("that were just uploaded stay: another run may be about to install them", () => {
      host.write(there);
      expect(install(60)).toMatchObject({ code: 0, err: "" });
      expect(packages()).toHaveLength(3);
    });

    test("stay when the installation fails", () => {
      host.write({ ...there, "unpacking/packages/new.run": "exit 1" });
      expect(install(0).code).toBe(1);
      expect(packages()).toHaveLength(3);
    });
  });

  describe("services", () => {
    const states = (active: string, result = "success") =>
      host
        .program("journalctl", "echo 'nvidia-vgpud[1]: error: something'")
        .program(
          "systemctl",
          `case $* in show*) printf 'Result=${result}\\nActiveState=${active}\\n';; *is-active*) [ ${active} = active ];; esac`,
        );

    test("nvidia-vgpud is accepted when it has ended with success, or stays active as on RHEL", () => {
      states("inactive");
      expect(host.run("start_service nvidia-vgpud")).toMatchObject({ code: 0, err: "" });
      states("active");
      expect(host.run("start_service nvidia-vgpud")).toMatchObject({ code: 0, err: "" });
    });

    test.each([
      ["nvidia-vgpud", "failed", "exit-code"],
      ["nvidia-vgpu-mgr", "inactive", "success"],
    ])("%s that is %s did not start, and its journal says why", (name, active, result) => {
      states(active, result);
      const { code, err } = host.run(`wait_until() { shift; "$@"; }; start_service ${name}`);
      expect(code).toBe(1);
      expect(err).toContain("error: something");
      expect(err).toContain(`${name} did not start: ${active}:${result}`);
    });

    test("are not stopped while a vGPU is used", () => {
      states("inactive");
      expect(host.run("while_free() { fail 'qemu (pid 5) has a vGPU open'; }; stop_service nvidia-vgpu-mgr").code).toBe(
        1,
      );
      expect(() => host.read("calls")).toThrow();
    });
  });

  describe("modules", () => {
    test("are not unloaded while a vGPU is used", () => {
      host.program("rmmod");
      expect(host.run("while_free() { fail used; }; unload_modules")).toMatchObject({ code: 1, err: "used\n" });
    });

    test("that are not loaded need no unloading", () => {
      expect(host.run("unload_modules")).toMatchObject({ code: 0, err: "" });
    });

    /** What modprobe does for `modprobe nvidia` with the file that block_modules wrote: it runs the words after `install nvidia`. */
    const ask = (environment = "") => {
      const words = /^install nvidia (.*)$/m.exec(host.read("modprobe.d/block.conf"))![1];
      return host.run(`${environment}${words}`).code;
    };

    test("that were unloaded can only be loaded by the installer during the run", async () => {
      host.write({ "run/lock": "" }).program("modprobe");
      expect(host.run("unload_modules")).toMatchObject({ code: 0, err: "" });
      const lock = spawn("flock", [join(host.root, "run/lock"), "cat"]);
      try {
        await expect.poll(() => host.run(`flock -n "${host.root}/run/lock" true`).code).toBe(1);
        expect(ask()).not.toBe(0);
        expect(() => host.read("calls")).toThrow();
        expect(ask("export nvidia_vgpu_installs=yes; ")).toBe(0);
        expect(host.read("calls")).toBe("modprobe --ignore-install nvidia\n");
      } finally {
        lock.stdin.end();
      }
      await expect.poll(() => ask()).toBe(0);
    });

    test("may be loaded again when they could not be unloaded, and after the installation", () => {
      host.program("modprobe");
      host.write({ "x.run": `test -n "$nvidia_vgpu_installs" && test -e "${host.root}/modprobe.d/block.conf"` });
      expect(host.run(`unload_in_order() { fail held; }; unload_modules`).code).toBe(1);
      expect(() => host.read("modprobe.d/block.conf")).toThrow();
      expect(
        host.run(`unload_modules && run_installer "${host.root}/x.run" - 550.163.02 6.1.0-28-amd64`),
      ).toMatchObject({ code: 0 });
      expect(() => host.read("modprobe.d/block.conf")).toThrow();
    });

    test("can only be loaded by the installer, also if none had to be unloaded", () => {
      host.write({ "x.run": `cp "${host.root}/modprobe.d/block.conf" "${host.root}/seen"; exit 1` });
      expect(host.run(`run_installer "${host.root}/x.run" - 550.163.02 6.1.0-28-amd64`).code).toBe(1);
      expect(host.read("seen")).toContain("install nvidia ");
      expect(() => host.read("modprobe.d/block.conf")).toThrow();
    });

    test("that modprobe refuses are an error", () => {
      host
        .program("modprobe", "echo 'modprobe: ERROR: could not insert' >&2; exit 1")
        .program("dmesg", "echo 'NVRM: No NVIDIA GPU found.'");
      const { code, err } = host.run("load_module nvidia-vgpu-vfio");
      expect(code).toBe(1);
      expect(err).toContain("NVRM: No NVIDIA GPU found.");
      expect(err.trim().split("\n").at(-1)).toBe("modprobe nvidia-vgpu-vfio failed");
    });
  });

  describe("an uninstall", () => {
    test("removes the packages, too", () => {
      host
        .write({ "unpacking/NVIDIA.run": "", "run/reboot-required": "x" })
        .program("nvidia-uninstall")
        .program("modinfo", "exit 1");
      host.write({ "modprobe.d/block.conf": "install nvidia false\n" });
      expect(host.run("uninstall_driver")).toMatchObject({ code: 0, err: "" });
      expect(() => host.read("modprobe.d/block.conf")).toThrow();
      expect(host.read("calls")).toContain("nvidia-uninstall -s\n");
      expect(() => host.read("unpacking/NVIDIA.run")).toThrow();
      expect(() => host.read("run/reboot-required")).toThrow();
    });

    test("of nothing has nothing to do (B14)", () => {
      host.program("modinfo", "exit 1");
      expect(host.run("uninstall_driver && uninstall_driver")).toMatchObject({ code: 0, err: "" });
    });

    test("that leaves the module behind is an error", () => {
      host.program("nvidia-uninstall");
      expect(host.run("uninstall_driver")).toMatchObject({ code: 1, err: expect.stringContaining("is still there") });
    });

    test("without an uninstaller is an error", () => {
      expect(host.run("uninstall_driver")).toMatchObject({
        code: 1,
        err: expect.stringContaining("no nvidia-uninstall"),
      });
    });
  });

  test("processes that have a node of the driver open are named, among any number of processes", () => {
    const processes = new StandInProcesses(host.root);
    for (let pid = 10_000; pid < 13_500; pid++) processes.add(pid, {});
    processes.add(12_345, { command: "dcgm", open: ["/dev/nvidiactl", "/dev/null"] });
    expect(host.run(`${processes.places}; ulimit -s 600; report_holders`)).toEqual({
      code: 0,
      out: "dcgm (pid 12345) has /dev/nvidiactl open\n",
      err: "",
    });
  });
});
