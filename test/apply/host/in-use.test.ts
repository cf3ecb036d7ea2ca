import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { shells } from "./shell";
import { StandInProcesses } from "./stand-in-processes";

const library = ["common", "hold", "in-use", "definitions"].map((name) =>
  readFileSync(join(__dirname, `../../../provider/apply/host/${name}.sh`), "utf8"),
);
const uuid = "11111111-2222-4333-8444-555555555501";
const vf = "0000:41:00.4";

/** Thousands of stand-in processes take long on a disk. */
const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

let root: string;
let processes: StandInProcesses;

beforeEach(() => {
  root = mkdtempSync(join(memory, "in-use-"));
  for (const folder of ["bin", "vfio", "definitions"]) mkdirSync(join(root, folder));
  device(uuid, "42");
  device(vf, "43");
  processes = new StandInProcesses(root);
});
afterEach(() => rmSync(root, { recursive: true }));

function device(name: string, group: string, cdev?: string): void {
  mkdirSync(join(root, "groups", group), { recursive: true });
  mkdirSync(join(root, "devices", name), { recursive: true });
  symlinkSync(join(root, "groups", group), join(root, "devices", name, "iommu_group"));
  if (cdev) mkdirSync(join(root, "devices", name, "vfio-dev", cdev), { recursive: true });
}

/** The node of a group: one that can be opened, or one that the kernel refuses to open, since it is no terminal of ours. */
const node = (group: string, opens = true) => symlinkSync(opens ? "/dev/null" : "/dev/tty", join(root, "vfio", group));
const define = (file: string, ...lines: string[]) =>
  writeFileSync(join(root, "definitions", file), lines.map((line) => `${line}\n`).join(""));

/** A program in front of the real one. */
function program(name: string, script: string): void {
  writeFileSync(join(root, "bin", name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(root, "bin", name), 0o755);
}

describe.each(shells)("in %s", (shell) => {
  /** Takes devices away, which leaves the file `taken`, where the library finds them free. */
  function take({ names = [uuid, vf], before = "", path = `${root}/bin:${process.env.PATH}` } = {}) {
    const devices = names.map((name) => `${root}/devices/${name}`).join(" ");
    const call = `while_free "$name" "$devices" take`;
    const input = [
      ...library,
      processes.places,
      `take() { echo taken >>${root}/taken; }`,
      before,
      `name=X devices="${devices}"`,
      `${call} 2>&1 </dev/null`,
    ];
    // In a session of its own, so that /dev/tty is nobody's.
    const { status, stdout } = spawnSync("/usr/bin/setsid", ["-w", `/bin/${shell}`, "-s"], {
      input: input.join("\n"),
      encoding: "utf8",
      env: { PATH: path, LC_ALL: "C" },
    });
    return { code: status, says: stdout.trim(), taken: existsSync(join(root, "taken")) };
  }

  const free = { code: 0, says: "", taken: true };
  const used = (by: string) => ({ code: 1, says: `X is used by ${by}`, taken: false });
  const untold = (why: string) => ({
    code: 1,
    says: expect.stringMatching(`^It cannot be told who uses X: .*${why}`),
    taken: false,
  });

  test("a free device is removed", () => {
    processes.add(7, {
      open: ["/dev/vfio/4", "/dev/vfio/420", "/dev/null"],
      words: ["cat", `/x/${uuid}/y`, "host=localhost"],
    });
    expect(take()).toEqual(free);
  });

  test.each([
    ["has its group open", ["/dev/vfio/42"]],
    ["has a node open that was removed since", ["/dev/vfio/42 (deleted)"]],
    ["has it open in a chroot", ["/srv/jail/dev/vfio/43"]],
    ["has it open without an IOMMU", ["/dev/vfio/noiommu-43"]],
  ])("who %s is named", (_, open) => {
    processes.add(4410, { command: "qemu-system-x86", open });
    expect(take()).toEqual(used("qemu-system-x86 (pid 4410)"));
  });

  test("a process that has the device open through IOMMUFD is named", () => {
    device("0001:c8:00.4", "44", "vfio3");
    processes.add(8, { command: "qemu", open: ["/dev/vfio/devices/vfio3"] });
    expect(take({ names: ["0001:c8:00.4"] })).toEqual(used("qemu (pid 8)"));
  });

  test.each([
    [`vfio-pci,sysfsdev=/sys/bus/mdev/devices/${uuid},id=x`],
    [`{"driver":"vfio-pci","host":"0000:41:00.4","id":"hostdev0"}`],
    ["vfio-pci,host=41:00.4"],
    [`path=/sys/bus/pci/devices/${vf}/`],
    [`/sys/bus/mdev/devices/${uuid},iommu=off`],
    [`--vfio=/sys/bus/pci/devices/${vf}`],
  ])("who names it on its command line is named: %s", (word) => {
    processes.add(9, { command: "vmm", words: ["vmm", "-x", word, "-y"] });
    expect(take()).toEqual(used("vmm (pid 9)"));
  });

  test.each([["host=0001:41:00.4"], ["host=41:00.40"], ["/sys/bus/pci/devices/0000:41:00.4/"], ["0000:41:00.4"]])(
    "nobody is, by %s",
    (word) => {
      processes.add(9, { words: ["x", word] });
      expect(take()).toEqual(free);
    },
  );

  test("the user is found among more processes than an argument list holds", () => {
    for (let pid = 10_000; pid < 13_500; pid++) processes.add(pid, {});
    processes.add(12_345, { command: "late", open: ["/dev/vfio/42"] });
    expect(take({ before: "ulimit -s 600" })).toMatchObject({ says: "X is used by late (pid 12345)" });
  });

  describe("it cannot be told who uses it", () => {
    test.each(["find", "grep", "awk", "timeout"])("without %s", (tool) => {
      for (const other of ["find", "grep", "awk", "timeout", "sh", "cat"].filter((one) => one !== tool)) {
        symlinkSync(`/usr/bin/${other}`, join(root, "bin", other));
      }
      define("a.xml", "");
      expect(take({ path: `${root}/bin` })).toEqual(untold("not found"));
    });

    test("if files of a process cannot be read", () => {
      program(
        "find",
        `echo "find: '${root}/proc/1/fd/3': Permission denied" >&2; PATH=${process.env.PATH}; exec find "$@"`,
      );
      expect(take()).toEqual(untold("Permission denied"));
    });

    test("but a user that is found is named, and processes that ended meanwhile do not count", () => {
      program(
        "find",
        `echo "find: '${root}/proc/1/fd/3': No such file or directory" >&2; PATH=${process.env.PATH}; exec find "$@"`,
      );
      expect(take()).toEqual(free);
      program(
        "find",
        `echo "find: '${root}/proc/1/fd/3': Permission denied" >&2; PATH=${process.env.PATH}; exec find "$@"`,
      );
      processes.add(8, { command: "qemu", open: ["/dev/vfio/42"] });
      rmSync(join(root, "taken"));
      expect(take()).toEqual(used("qemu (pid 8)"));
    });

    test.each([
      ["find", "a scan of all open files did not find its own"],
      ["grep", "a scan of all command lines did not find its own"],
    ])("when %s ends well and finds not even itself", (tool, why) => {
      program(tool, "exit 0");
      expect(take()).toEqual(untold(why));
    });

    test("if other processes are hidden", () => {
      rmSync(join(root, "proc/1"), { recursive: true });
      expect(take()).toEqual(untold("hidden"));
    });

    test("if a definition cannot be read, or reading it does not end", () => {
      define("a.xml", "");
      program("awk", "echo 'awk: cannot open a.xml (Permission denied)' >&2; exit 2");
      expect(take()).toEqual(untold("definitions of virtual machines could not be read: awk: .*Permission denied"));
      program("timeout", "exit 124");
      expect(take()).toEqual(untold("could not be read in 10 s"));
    });
  });

  describe("a guest that is defined with it uses it", () => {
    test.each([
      ["web.xml", `      <address uuid='${uuid.toUpperCase()}'/>`],
      ["web.xml", "      <address domain='0x0000' bus='0x41' slot='0x00' function='0x4'/>"],
      ["101.conf", "hostpci0: 0000:41:00.4,mdev=nvidia-558,pcie=1"],
      ["101.conf", "hostpci1: host=41:00.5;41:00.4"],
      ["101.conf", `args: -device vfio-pci,sysfsdev=/sys/bus/mdev/devices/${uuid},id=x`],
      ["101.conf", "args: -device vfio-pci,host=41:00.4"],
      ["checkpoint", `{"Data":{"PodDeviceEntries":[{"PodUID":"p","DeviceIDs":{"0":["a","${uuid}"]}}]}}`],
      ["checkpoint", `{"Data":{"PodDeviceEntries":[{"PodUID":"p","DeviceIDs":["43"],"AllocResp":"x"}]}}`],
    ])("by %s with %s", (file, line) => {
      define(file, line);
      expect(take()).toEqual(used(`the guest that ${root}/definitions/${file} defines`));
    });

    test.each([
      ["web.xml", "<address type='pci' domain='0x0000' bus='0x41' slot='0x00' function='0x4'/>"],
      ["web.xml", "<address domain='0x0001' bus='0x41' slot='0x00' function='0x4'/>"],
      ["101.conf", "[before]\nhostpci0: 0000:41:00.4"],
      ["101.conf", "hostpci0: 0001:41:00.4"],
      ["101.conf", "name: 41:00.4"],
      ["checkpoint", `{"Data":{"PodDeviceEntries":[],"RegisteredDevices":{"nvidia.com/A40":["${uuid}"]}}}`],
      ["checkpoint", `{"Data":{"PodDeviceEntries":[{"DeviceIDs":{"43":["x"]}}]}}`],
    ])("but not by %s with %s", (file, line) => {
      define(file, line);
      expect(take()).toEqual(free);
    });

    test("if a libvirt daemon in a container has the definition", () => {
      processes.add(77, { command: "virtqemud" });
      mkdirSync(join(root, "proc/77/root/etc/libvirt/qemu"), { recursive: true });
      writeFileSync(join(root, "proc/77/root/etc/libvirt/qemu/in pod.xml"), `<address uuid='${uuid}'/>`);
      expect(take()).toEqual(used(`the guest that ${root}/proc/77/root/etc/libvirt/qemu/in pod.xml defines`));
    });
  });

  describe("the group", () => {
    /** How often the shell has open what stands for a node, while devices are taken away. */
    const opened = (): number => {
      expect(take({ before: `take() { ls -l /proc/$$/fd | grep -c '/dev/null$' >${root}/taken; }` })).toEqual(free);
      return Number(readFileSync(join(root, "taken"), "utf8"));
    };

    test("is open while a device is removed, one group for each device", () => {
      const without = opened();
      node("42");
      node("43");
      expect(opened()).toBe(without + 2);
    });

    test("is open for 256 devices at once, without a process for each", () => {
      const names = Array.from(
        { length: 256 },
        (_, index) => `0000:${(index >> 5).toString(16).padStart(2, "0")}:00.${index & 31}`,
      );
      names.forEach((name, index) => (device(name, String(100 + index)), node(String(100 + index))));
      program("find", "exit 9");
      expect(take({ names })).toEqual(free);
    });

    test("is not searched for in /proc then: the kernel has shown that no one has it open", () => {
      node("42");
      node("43");
      program("find", "exit 9");
      expect(take()).toEqual(free);
    });

    test("of two devices is opened once", () => {
      device("0000:41:00.5", "43");
      node("43");
      expect(take({ names: [vf, "0000:41:00.5"] })).toEqual(free);
    });

    test("that the kernel does not open for another reason is searched for in /proc", () => {
      node("42");
      node("43", false);
      expect(take()).toEqual(free);
      rmSync(join(root, "taken"));
      processes.add(8, { command: "qemu", open: ["/dev/vfio/43"] });
      expect(take()).toEqual(used("qemu (pid 8)"));
    });

    test("is closed if the command is refused, and the command is run once more", () => {
      node("43");
      const before = `take() { ls -l /proc/$$/fd | grep -c '/dev/null$' >>${root}/taken; refused=yes; return 3; }`;
      expect(take({ before }).code).toBe(3);
      const [first, second, ...more] = readFileSync(join(root, "taken"), "utf8").trim().split("\n").map(Number);
      expect([second! < first!, more]).toEqual([true, []]);
    });
  });
});
