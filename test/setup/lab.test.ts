import { describe, expect, test } from "vitest";
import { missingPackages } from "../../scripts/setup/lab.mjs";
import { Machine } from "./machine";

test("missing Debian packages are found by the programs and files that the lab uses", () => {
  const none = () => false;
  const all = () => true;
  expect(missingPackages(all, all)).toEqual([]);
  expect(missingPackages((name) => name !== "mkfs.ext4", all)).toEqual(["e2fsprogs"]);
  expect(missingPackages(all, none)).toEqual(["grub-pc-bin", "libc6-dev"]);
  expect(missingPackages(none, none)).toContain("qemu-system-x86");
});

describe("set-up of the lab without QEMU", () => {
  test("without apt-get the error names the missing packages", async () => {
    const { code, stderr } = await new Machine().setup("lab");
    expect(code).toBe(1);
    expect(stderr).toMatch(/needs these Debian packages: .*qemu-system-x86.*no apt-get/);
  });

  test("without root and sudo the error names the missing packages, and apt-get is not called", async () => {
    const machine = new Machine();
    machine.program("apt-get");
    machine.program("sudo", "echo 'sudo: a password is required' >&2; exit 1");
    const { code, stderr } = await machine.setupAsUser("lab");
    expect(code).toBe(1);
    expect(stderr).toMatch(/needs these Debian packages: .*qemu-system-x86.*requires root or passwordless sudo/);
    expect(machine.calls("apt-get")).toEqual([]);
  });

  test("a user with sudo installs through it, without a question", async () => {
    const machine = new Machine();
    machine.program("apt-get", "exit 1");
    machine.program("sudo");
    await machine.setupAsUser("lab");
    expect(machine.calls("sudo")).toEqual([
      "-n true",
      expect.stringMatching(/^-n env DEBIAN_FRONTEND=noninteractive apt-get .*update$/),
      expect.stringMatching(/^-n env .*install --yes .*qemu-system-x86/),
    ]);
  });

  test("offline the error names the missing packages and quotes apt-get", async () => {
    const machine = new Machine();
    machine.program("env", `exec /usr/bin/env PATH=${machine.root}/bin "$@"`);
    machine.program("apt-get", "echo 'E: Could not resolve mirror.example' >&2; exit 100");
    machine.program("sudo", 'shift; exec "$@"');
    const { code, stderr } = await machine.setup("lab");
    expect(code).toBe(1);
    expect(stderr).toMatch(/needs these Debian packages: .*qemu-system-x86/);
    expect(stderr).toContain("E: Could not resolve mirror.example");
  });
});
