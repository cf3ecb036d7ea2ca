import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Sandbox, shells, syntaxOf } from "./shell";

const id = "0123456789abcdef".repeat(4);

interface FakeProcess {
  comm: string;
  group?: string;
  /** Its numbers in the PID namespaces below the host's. */
  inner?: number[];
  open?: string;
}

describe.each(shells)("under %s", (shell) => {
  let host: Sandbox;
  beforeEach(() => {
    host = new Sandbox(shell);
    host.program("sync").program("systemctl").program("busctl", "echo 'a(ssssuu) 0'");
    add(1, { comm: "systemd", group: "/init.scope" });
  });
  afterEach(() => host.remove());

  /** A process in the host's /proc, which is a folder here. Its pid is above the kernel's limit (PID_MAX_LIMIT, 4194304), but for that of
   *  init: the shell under test enters the folder with its own. */
  function add(pid: number, { comm, group = "/system.slice/x.service", inner = [], open }: FakeProcess): void {
    const at = `proc/${pid}`;
    host.write({
      [`${at}/comm`]: `${comm}\n`,
      [`${at}/status`]: `Name:\t${comm}\nPid:\t${pid}\nNSpid:\t${[pid, ...inner].join("\t")}\n`,
      [`${at}/cgroup`]: `0::${group}\n`,
      [`${at}/fd/.kept`]: "",
    });
    if (open) symlinkSync(open, join(host.root, at, "fd/7"));
  }

  /** The shell itself is one of the processes. */
  const self = `mkdir -p $proc/$$/fd && : >$proc/$$/fd/0 && printf 'Name:\\tsh\\nPid:\\t%s\\nNSpid:\\t%s\\n' $$ $$ >$proc/$$/status && echo 0::/user.slice >$proc/$$/cgroup`;
  const reboot = (except = "", before = "") =>
    host.run(
      [
        `proc=${host.root}/proc docker_containers=${host.root}/docker podman_containers=${host.root}/podman`,
        before,
        self,
        `reboot_when_idle 'it is time' ${except}`,
      ].join("\n"),
    );
  const calls = () => host.read("calls").split("\n");
  const isRebooted = () => calls().includes("systemctl reboot");

  test("reboot.sh is POSIX enough to be read", () => expect(syntaxOf(shell, "reboot")).toBe(""));

  test("a due reboot is noted in a place that a reboot empties", () => {
    expect(host.run("mark_reboot 'vGPU Manager 550.163.02 was installed'").code).toBe(0);
    expect(host.read("run/reboot-required")).toBe("vGPU Manager 550.163.02 was installed\n");
  });

  test("a manual reboot fails with the reason", () => {
    expect(host.run("reboot_by_hand 'nouveau is loaded'")).toMatchObject({ code: 1, err: "nouveau is loaded\n" });
  });

  test("the reason of a reboot is noted with the boot id, once", () => {
    reboot();
    reboot();
    expect(host.run("note_reboot 'nouveau is loaded'").code).toBe(0);
    expect(host.read("etc/rebooted-for")).toBe("this-boot\nit is time\nnouveau is loaded\n");
    host.write({ "boot-id": "next-boot\n" });
    reboot();
    expect(host.read("etc/rebooted-for")).toBe("next-boot\nit is time\n");
  });

  test("an idle host is rebooted, after its file systems were written out", () => {
    expect(reboot()).toEqual({ code: 0, out: "rebooting: it is time\n", err: "" });
    expect(calls().filter((call) => /^(sync|systemctl)/.test(call))).toEqual(["sync ", "systemctl reboot"]);
  });

  test.each<[string, FakeProcess, string]>([
    [
      "a virtual machine by KVM's descriptor",
      { comm: "my-vmm", open: "anon_inode:kvm-vm" },
      "my-vmm (pid 5000440) runs, a virtual machine",
    ],
    [
      "an emulated one by its name",
      { comm: "qemu-system-x86" },
      "qemu-system-x86 (pid 5000440) runs, a virtual machine",
    ],
    [
      "Docker with systemd",
      { comm: "nginx", group: `/system.slice/docker-${id}.scope` },
      "nginx (pid 5000440) runs, in the container 0123456789ab",
    ],
    [
      "Docker with --cgroup-parent",
      { comm: "nginx", group: `/mine/${id}` },
      "nginx (pid 5000440) runs, in the container 0123456789ab",
    ],
    [
      "nerdctl",
      { comm: "nginx", group: `/system.slice/nerdctl-${id}.scope` },
      "nginx (pid 5000440) runs, in the container 0123456789ab",
    ],
    [
      "ctr",
      { comm: "nginx", group: "/default/web", inner: [1] },
      "nginx (pid 5000440) runs, in the container /default/web",
    ],
    [
      "Podman",
      { comm: "nginx", group: `/machine.slice/libpod-${id}.scope` },
      "nginx (pid 5000440) runs, in the container 0123456789ab",
    ],
    [
      "Podman without control groups",
      { comm: "nginx", inner: [1] },
      "nginx (pid 5000440) runs, in the container /system.slice/x.service",
    ],
    [
      "systemd-nspawn",
      { comm: "systemd", group: "/machine.slice/systemd-nspawn@web.service/payload", inner: [1] },
      "systemd (pid 5000440) runs, in the container /machine.slice/systemd-nspawn@web.service/payload",
    ],
    [
      "libvirt-lxc",
      { comm: "init", group: "/machine.slice/machine-lxc\\x2d1\\x2dweb.scope", inner: [1] },
      "init (pid 5000440) runs, in the container /machine.slice/machine-lxc\\x2d1\\x2dweb.scope",
    ],
    [
      "LXC",
      { comm: "init", group: "/lxc.payload.web/init.scope", inner: [1] },
      "init (pid 5000440) runs, in the container /lxc.payload.web/init.scope",
    ],
    [
      "Apptainer",
      { comm: "starter", group: "/user.slice" },
      "starter (pid 5000440) runs, in the container /user.slice",
    ],
    [
      "dpkg by its lock",
      { comm: "python3", open: "/var/lib/dpkg/lock-frontend" },
      "python3 (pid 5000440) is at work, a package manager: it has /var/lib/dpkg/lock-frontend open",
    ],
    [
      "rpm by its lock",
      { comm: "rpm", open: "/usr/lib/sysimage/rpm/.rpm.lock" },
      "rpm (pid 5000440) is at work, a package manager: it has /usr/lib/sysimage/rpm/.rpm.lock open",
    ],
    ["zypper by its name", { comm: "zypper" }, "zypper (pid 5000440) is at work, a package manager"],
  ])("what forbids a reboot: %s", (_, process, says) => {
    add(5000440, process);
    expect(reboot()).toMatchObject({ code: 1, err: `${says}\n` });
    expect(isRebooted()).toBe(false);
  });

  test("a container with a hundred processes is named once", () => {
    add(5000440, { comm: "nginx", group: `/docker/${id}`, inner: [1] });
    for (let pid = 5000441; pid < 5000460; pid++) add(pid, { comm: "worker", group: `/docker/${id}`, inner: [pid] });
    expect(reboot().err).toBe("nginx (pid 5000440) runs, in the container 0123456789ab\n");
  });

  test("a virtual machine that starts while the file systems are written out is found", () => {
    host.program(
      "sync",
      `sleep 0.5; mkdir ${host.root}/proc/5000440; printf 'Name:\\tqemu-system-x86\\n' >${host.root}/proc/5000440/status; echo qemu-system-x86 >${host.root}/proc/5000440/comm`,
    );
    expect(reboot().err).toContain("qemu-system-x86 (pid 5000440) runs, a virtual machine");
    expect(isRebooted()).toBe(false);
  });

  test("a sync that does not end prevents the reboot", () => {
    host.program("sync", "exec sleep 30");
    expect(reboot("", "sync_seconds=1")).toMatchObject({
      code: 1,
      err: expect.stringContaining("could not be written out within 1 s"),
    });
    expect(isRebooted()).toBe(false);
  });

  describe("shutdown inhibitors", () => {
    const inhibitors = (reply: string) => host.program("busctl", `printf '%s\\n' '${reply}'`);

    test("in block mode prevent the reboot, with name and reason; those that delay do not", () => {
      inhibitors(
        'a(ssssuu) 2 "sleep" "ModemManager" "a \\"quoted\\" reason" "block" 0 500 "idle:shutdown:sleep" "apt" "an update is at work" "block" 0 671',
      );
      expect(reboot().err).toBe("apt (pid 671) forbids a shutdown: an update is at work\n");
      inhibitors('a(ssssuu) 1 "shutdown" "Unattended Upgrades Shutdown" "Stop ongoing upgrades" "delay" 0 671');
      expect(reboot().code).toBe(0);
    });

    test("that cannot be read prevent the reboot", () => {
      inhibitors('a(ssssuu) 1 "shutdown" "new mode" "x" "absolutely" 0 671');
      expect(reboot().err).toContain("it cannot be told who forbids a shutdown");
      host.program("busctl", "echo 'Call failed: Connection timed out'; exit 1");
      expect(reboot().err).toContain("it cannot be told who forbids a shutdown: Call failed: Connection timed out");
    });

    test("do not exist without logind", () => {
      host.program("busctl", "exit 1").program("systemctl", '[ "$1" = reboot ]');
      expect(reboot().code).toBe(0);
    });
  });

  describe("what cannot be told prevents a reboot", () => {
    test.each([
      ["no find", "find() { return 127; }", "find"],
      ["a folder that may not be read", "", "Permission denied"],
      ["a tool that finds nothing", "", "was not found, which is there"],
    ])("%s", (what) => {
      if (what === "no find") host.program("find", "echo 'sh: find: not found' >&2; exit 127");
      else if (what.startsWith("a folder"))
        host.program("find", `echo "find: '/proc/9/fd': Permission denied" >&2; exec /usr/bin/find "$@"`);
      else host.program("grep", 'case $* in -aHE*Pid*) exit 1 ;; *) exec /usr/bin/grep "$@" ;; esac');
      const { code, err } = reboot();
      expect(code).toBe(1);
      expect(err).toContain("it cannot be told what runs: ");
      expect(isRebooted()).toBe(false);
    });

    test("but for a process that ended meanwhile", () => {
      host.program("find", `echo "find: '/proc/9/fd': No such file or directory" >&2; exec /usr/bin/find "$@"`);
      expect(reboot().code).toBe(0);
    });

    test("and however many processes there are", () => {
      for (let pid = 5001000; pid < 5001200; pid++) add(pid, { comm: "sleep" });
      add(5001200, { comm: "qemu-system-x86" });
      expect(reboot("", "ulimit -s 64").err).toBe("qemu-system-x86 (pid 5001200) runs, a virtual machine\n");
    });
  });

  describe("containers that may be rebooted under", () => {
    beforeEach(() => add(5000440, { comm: "node_exporter", group: `/system.slice/docker-${id}.scope`, inner: [1] }));

    test.each([
      ["by id", `'${id}'`],
      ["by its beginning", "0123*"],
      ["by command", "'node_*'"],
      ["by unit", `'docker-${id}'`],
      ["by another", "x 'node_exporte?'"],
    ])("%s", (_, except) => {
      expect(reboot(except).code).toBe(0);
    });

    test("are named as in Docker", () => {
      host.write({
        [`docker/${id}/config.v2.json`]: `{"ID":"${id}","RestartPolicy":{"Name":"always"},"Name":"/exporter"}`,
      });
      expect(reboot().err).toBe("node_exporter (pid 5000440) runs, in the container exporter\n");
      expect(reboot("'exp*'").code).toBe(0);
      expect(reboot("always").code).toBe(1);
    });

    test("are named as in Podman", () => {
      host.write({
        "podman/containers.json": `[{"id":"${"f".repeat(64)}","names":["other"]},{"id":"${id}","names":["a","exporter"],"image":"x"}]`,
      });
      expect(reboot("exporter").code).toBe(0);
      expect(reboot("other").code).toBe(1);
    });

    test("are named by the slice", () => {
      add(5000441, {
        comm: "pause",
        group: `/kubepods.slice/kubepods-pod1.slice/cri-containerd-${"e".repeat(64)}.scope`,
        inner: [1],
      });
      expect(reboot("0123456789ab kubepods").code).toBe(0);
      expect(reboot("kubepods").err).toContain("node_exporter");
    });

    test("never include a virtual machine", () => {
      add(5000441, { comm: "qemu-system-x86", group: `/system.slice/docker-${id}.scope` });
      expect(reboot("'*'").err).toBe("qemu-system-x86 (pid 5000441) runs, a virtual machine\n");
    });
  });
});
