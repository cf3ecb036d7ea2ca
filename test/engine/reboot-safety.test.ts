import { beforeAll, describe, expect, test } from "vitest";
import { connectionTo } from "./declared";
import { onLab } from "./on-lab";

const version = "550.163.02";
const requireReboot = "mkdir -p /run/nvidia-vgpu && echo a-test >/run/nvidia-vgpu/reboot-required";

onLab("a pending reboot on a host that is in use", { cards: "A40@0000:41", state: "ready" }, ({ lab, stack }) => {
  const bootId = () => lab().run("cat /proc/sys/kernel/random/boot_id");
  const declare = (reboot: unknown) =>
    stack().declare([
      {
        kind: "VgpuManagerInstall",
        name: "driver",
        connection: { ...connectionTo(lab()), dialErrorLimit: -1, perDialTimeout: 5 },
        version,
        reboot,
        rebootTimeout: 600,
      },
    ]);
  /** Starts a command in the background, in a process group of its own; `end` ends it. */
  const start = (command: string) =>
    lab().run(`setsid sh -c 'echo $$ >/run/started; exec ${command}' >/dev/null 2>&1 </dev/null & sleep 1`);
  /** A process in a PID namespace of its own. It handles SIGTERM, which such a first process else ignores: the shutdown would wait for 90 s. */
  const container = `unshare --pid --fork perl -e '"'"'$0 = "sleep"; $SIG{TERM} = sub { exit }; sleep 600'"'"'`;
  const end = () => lab().run("kill -KILL -- -$(cat /run/started)");
  let before: string;

  beforeAll(async () => {
    before = await bootId();
    declare("whenIdle");
    const { code, output } = await stack().up();
    expect(code, output).toBe(0);
  });

  describe("a host that is in use", () => {
    const refused = async (message: RegExp) => {
      const { code, output } = await stack().up();
      expect(code, output).not.toBe(0);
      expect(output).toMatch(message);
      expect(await bootId()).toBe(before);
    };
    beforeAll(async () => void (await lab().run(requireReboot)));

    test("up does not reboot while a process in its own PID namespace runs", async () => {
      await start(container);
      await refused(/sleep \(pid \d+ of \S+\) runs, and the host has to be rebooted/);
      await end();
    });

    test("up does not reboot while a shutdown inhibitor is active", async () => {
      await start('systemd-inhibit --what=shutdown --who=backup --why="a backup is at work" --mode=block sleep 600');
      await refused(/Could not reboot the host on \S+: backup \(pid \d+\) forbids a shutdown: a backup is at work/);
      await end();
    });

    test("up does not reboot when a virtual machine starts during the final sync", async () => {
      await lab().run(
        `cp /bin/sleep /usr/local/bin/qemu-system-x86_64; printf '#!/bin/sh\\nqemu-system-x86_64 600 >/dev/null 2>&1 </dev/null &\\nsleep 2\\n' >/usr/local/bin/sync; chmod 755 /usr/local/bin/sync`,
      );
      await refused(/Could not reboot the host on \S+: qemu-system-x86 \(pid \d+\) runs, a virtual machine/);
      await lab().run(
        "rm /usr/local/bin/sync; for comm in /proc/[0-9]*/comm; do read -r name <$comm && [ $name = qemu-system-x86 ] && pid=${comm%/comm} && kill ${pid##*/}; done; true",
      );
    });
  });

  describe("an idle host", () => {
    test("up reboots only once for the same reason, even if the reason returns", async () => {
      await lab().run(
        `printf '[Unit]\\nDefaultDependencies=no\\n[Service]\\nType=oneshot\\nExecStart=/bin/sh -c "${requireReboot}"\\n[Install]\\nWantedBy=sysinit.target\\n' >/etc/systemd/system/due.service; systemctl enable due.service`,
      );
      await start(container);
      declare({ whenIdle: { exceptContainers: ["slee?"] } });
      const { code, output } = await stack().up();
      expect(code, output).not.toBe(0);
      expect(output).toMatch(
        /the host was already rebooted for this reason: a-test, which takes effect after a reboot/,
      );
      const then = await bootId();
      expect(then).not.toBe(before);
      const again = await stack().up();
      expect(again.code, again.output).not.toBe(0);
      expect(again.output).toMatch(
        /the host was already rebooted for this reason: a-test, which takes effect after a reboot/,
      );
      expect(await bootId()).toBe(then);
    });
  });
});
