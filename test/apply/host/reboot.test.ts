import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Sandbox, shells, syntaxOf } from "./shell";

describe.each(shells)("under %s", (shell) => {
  let host: Sandbox;
  beforeEach(() => void (host = new Sandbox(shell)));
  afterEach(() => host.remove());

  test("reboot.sh is POSIX enough to be read", () => expect(syntaxOf(shell, "reboot")).toBe(""));

  describe("a reboot", () => {
    test("is noted where a boot empties the note", () => {
      expect(host.run("mark_reboot 'vGPU Manager 550.163.02 was installed'").code).toBe(0);
      expect(host.read("run/reboot-required")).toBe("vGPU Manager 550.163.02 was installed\n");
    });

    test("waits for a virtual machine, which is named", () => {
      host.program("systemctl");
      const machine = `cp "$(command -v sleep)" ${host.root}/qemu-system-x86; ${host.root}/qemu-system-x86 20 & pid=$!`;
      const { code, err } = host.run(`${machine}; sleep 0.2; reboot_when_idle 'it is time'; code=$?; kill $pid; exit $code`);
      expect(code).toBe(1);
      expect(err).toMatch(/^qemu-system-x86 \(pid \d+\) runs, a virtual machine$/m);
      expect(() => host.read("calls")).toThrow();
    });

    test("comes when nothing runs", () => {
      host.program("systemctl");
      expect(host.run("running_guests() { :; }; reboot_when_idle 'it is time'")).toMatchObject({
        code: 0,
        out: "rebooting: it is time\n",
      });
      expect(host.read("calls")).toBe("systemctl reboot\n");
    });

    test("that is left to the user says so, and why", () => {
      const { code, err } = host.run("reboot_by_hand 'nouveau is loaded'");
      expect(code).toBe(1);
      expect(err).toContain("has to be rebooted: nouveau is loaded.");
      expect(err).toContain("pulumi up again");
    });
  });
});
