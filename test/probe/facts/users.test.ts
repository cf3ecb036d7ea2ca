import { describe, expect, test } from "vitest";
import { Capture } from "../../../provider/probe";
import { guests } from "../../../provider/probe/facts/guests";
import { containers, virtualMachines } from "../../../provider/probe/facts/idle";
import { holders, openFiles, processOf } from "../../../provider/probe/facts/processes";
import { userFinder } from "../../../provider/probe/facts/users";
import { byRoot, captureOf, captureText } from "../capture-of";

const usersOf = (capture: Capture) => userFinder(capture, openFiles(capture), guests(capture));
const uuid = "11111111-2222-4333-8444-555555555555";

describe("a process has the unit and container of its control group", () => {
  const id = "0123456789abcdef".repeat(4);
  test.each([
    ["/system.slice/nvidia-dcgm.service", "nvidia-dcgm.service", null],
    ["/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator", "machine-qemu\\x2d1\\x2dweb.scope", null],
    ["/user.slice/user-0.slice/session-3.scope", "session-3.scope", null],
    [`/system.slice/docker-${id}.scope`, `docker-${id}.scope`, "0123456789ab"],
    [`/docker/${id}`, null, "0123456789ab"],
    [`/machine.slice/libpod-${id}.scope/container`, `libpod-${id}.scope`, "0123456789ab"],
    [
      `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-${id}.scope`,
      `cri-containerd-${id}.scope`,
      "0123456789ab",
    ],
    [`/kubepods/burstable/pod1/${id}`, null, "0123456789ab"],
    ["/lxc/205/ns/system.slice/nginx.service", "nginx.service", "205"],
    ["/lxc.payload.web/init.scope", "init.scope", "web"],
    ["/", null, null],
  ])("%s", (group, unit, container) => {
    const capture = captureOf({ files: { "/proc/9/comm": ["x"], "/proc/9/cgroup": [`0::${group}`] } });
    expect(processOf(capture, 9)).toEqual({ pid: 9, command: "x", unit, container, guest: null });
  });

  test("a process of QEMU has the name of its guest", () => {
    const capture = captureOf({
      words: ["/proc/8/cmdline:guest=web\t/proc/9/cmdline:host=x\t/proc/9/cmdline:guest=cad-01\t"],
    });
    expect(processOf(capture, 9).guest).toBe("cad-01");
  });

  test("the unit is read from control groups of version 1 too", () => {
    expect(
      processOf(captureOf({ files: { "/proc/9/cgroup": ["1:name=systemd:/system.slice/a.service"] } }), 9).unit,
    ).toBe("a.service");
  });
});

test("virtual machines are found by KVM or by process name, without the guest agent", () => {
  const capture = captureOf({
    files: {
      ...byRoot,
      "/proc/7/comm": ["firecracker"],
      "/proc/8/comm": ["qemu-system-x86"],
      "/proc/9/comm": ["qemu-ga"],
      "/proc/10/comm": ["kvm"],
    },
    links: { "/proc/7/fd/3": "anon_inode:kvm-vm" },
  });
  expect(virtualMachines(capture, openFiles(capture))).toMatchObject([{ pid: 7 }, { pid: 8 }, { pid: 10 }]);
});

test("users, holders, guests and containers are unknown to an ordinary user", () => {
  const capture = captureOf({ files: { "/proc/self/status": ["Uid:\t1000\t1000\t1000\t1000"] } });
  const open = openFiles(capture);
  for (const fact of [
    open,
    holders(open),
    virtualMachines(capture, open),
    containers(capture),
    guests(capture),
    usersOf(capture)({ mdev: uuid, iommuGroup: 7 }),
  ]) {
    expect(fact).toHaveProperty("unknown");
  }
});

describe("users of a vGPU", () => {
  test("processes with its IOMMU group or IOMMUFD node open, or with it on their command line, are users", () => {
    const capture = captureOf({
      files: { ...byRoot, "/proc/20/comm": ["a"], "/proc/21/comm": ["b"], "/proc/22/comm": ["c"] },
      links: {
        "/proc/20/fd/9": "/dev/vfio/120",
        "/proc/21/fd/9": "/dev/vfio/devices/vfio3",
        "/proc/23/fd/9": "/dev/vfio/12",
        [`/sys/bus/mdev/devices/${uuid}/vfio-dev/vfio3`]: "",
      },
      words: [
        [
          `/proc/22/cmdline:sysfsdev=/sys/bus/mdev/devices/${uuid}`,
          "/proc/23/cmdline:host=localhost",
          `/proc/20/cmdline:sysfsdev=/x/${uuid}`,
          "",
        ].join("\t"),
      ],
    });
    expect(usersOf(capture)({ mdev: uuid, iommuGroup: 120 })).toMatchObject([
      { process: { pid: 20 }, through: "/dev/vfio/120" },
      { process: { pid: 21 }, through: "/dev/vfio/devices/vfio3" },
      { process: { pid: 22 }, through: "its command line" },
    ]);
  });

  test.each(["host=0000:41:00.4", "host=41:00.4", 'host":"0000:41:00.4', "sysfsdev=/sys/bus/pci/devices/0000:41:00.4"])(
    "a process with %s on its command line is a user",
    (word) => {
      const capture = captureOf({ files: byRoot, words: [`/proc/22/cmdline:${word}\t`] });
      expect(usersOf(capture)({ address: "0000:41:00.4", iommuGroup: null })).toMatchObject([{ process: { pid: 22 } }]);
      expect(usersOf(capture)({ address: "0001:41:00.4", iommuGroup: null })).toEqual([]);
    },
  );

  test("libvirt domains are users, running, defined, or both", () => {
    const capture = captureOf({
      files: {
        ...byRoot,
        "/etc/libvirt/qemu/off.xml": [`<address uuid='${uuid.toUpperCase()}'/>`],
        "/run/libvirt/qemu/transient.xml": [`<address uuid='${uuid}'/>`],
        "/etc/libvirt/qemu/vf.xml": ["<address domain='0x0001' bus='0xc8' slot='0x01' function='0x3'/>"],
      },
    });
    expect(usersOf(capture)({ mdev: uuid, iommuGroup: 1 })).toEqual([
      { kind: "libvirt", guest: "off", running: false },
      { kind: "libvirt", guest: "transient", running: true },
    ]);
    expect(usersOf(capture)({ address: "0001:c8:01.3", iommuGroup: 1 })).toEqual([
      { kind: "libvirt", guest: "vf", running: false },
    ]);
  });
});

describe("devices of a Proxmox VM", () => {
  const devices = (...lines: string[]) => {
    const found = guests(
      captureOf({
        files: {
          ...byRoot,
          "/etc/pve/qemu-server/101.conf": lines,
          "/etc/pve/mapping/pci.cfg": [
            "pci: gpu",
            "\tmap id=1,node=a,path=0000:41:00.4",
            "\tmap id=1,node=b,path=0000:42:00.4",
          ],
          "/proc/sys/kernel/hostname": ["a"],
        },
      }),
    );
    return Array.isArray(found) ? found[0]?.devices : found;
  };
  test.each([
    [
      "by address",
      "hostpci0: 0000:41:00.4,mdev=nvidia-558,pcie=1",
      [{ address: "0000:41:00.4", mdevType: "nvidia-558" }],
    ],
    ["by short address", "hostpci0: 41:00.4", [{ address: "0000:41:00.4", mdevType: null }]],
    ["by host=", "hostpci1: host=0000:41:00.4", [{ address: "0000:41:00.4" }]],
    ["with all functions", "hostpci0: 0000:41:00,x-vga=1", [{ address: "0000:41:00.0" }]],
    [
      "several at once",
      "hostpci0: 0000:41:00.4;0000:41:00.5",
      [{ address: "0000:41:00.4" }, { address: "0000:41:00.5" }],
    ],
    [
      "by a mapping of this node",
      "hostpci0: mapping=gpu,mdev=nvidia-558",
      [{ address: "0000:41:00.4", mdevType: "nvidia-558" }],
    ],
    ["by a mapping that is not there", "hostpci0: mapping=other", [{ mapping: "other", mdevType: null }]],
  ])("%s", (_, line, expected) => {
    expect(devices(line)).toMatchObject(expected);
  });

  test("devices of a snapshot of a Proxmox VM are ignored", () => {
    expect(devices("hostpci0: 41:00.4", "[snapshot]", "hostpci0: 41:00.5")).toHaveLength(1);
  });
});

describe("users of a device are unknown", () => {
  const parts = { files: byRoot, links: {} };
  const use = (more: Parameters<typeof captureOf>[0]) =>
    usersOf(captureOf({ ...parts, ...more }))({ mdev: uuid, iommuGroup: 7 });

  test("a device without users has none if everything was read", () => {
    expect(use({})).toEqual([]);
  });

  test.each([
    [
      "the open files of a process are not readable",
      ["find: '/proc/612/fd': Permission denied"],
      "/proc/612/fd: Permission denied",
    ],
    [
      "one open file of a process is not readable",
      ["find: '/proc/612/fd/7': Permission denied"],
      "/proc/612/fd/7: Permission denied",
    ],
    [
      "the command line of a process is not readable",
      ["grep: /proc/612/cmdline: Permission denied"],
      "/proc/612/cmdline: Permission denied",
    ],
    [
      "a definition of libvirt is not readable",
      ["grep: /etc/libvirt/qemu/web.xml: Permission denied"],
      "/etc/libvirt/qemu/web.xml: ",
    ],
    [
      "a definition in a volume is not readable",
      ["grep: /var/lib/docker/volumes/nova_libvirt_qemu/_data/web.xml: Input/output error"],
      "web.xml: Input",
    ],
    [
      "a definition in a container is not readable",
      ["grep: /proc/77/root/etc/libvirt/qemu/*.xml: Permission denied"],
      "/proc/77/root",
    ],
    [
      "a definition of Proxmox is not readable",
      ["grep: /etc/pve/qemu-server/101.conf: Transport endpoint is not connected"],
      "101.conf: Transport",
    ],
    [
      "the checkpoint of the kubelet is not readable",
      ["grep: /var/lib/kubelet/device-plugins/kubelet_internal_checkpoint: Permission denied"],
      "kubelet_internal_checkpoint: ",
    ],
  ])("when %s", (_, complaints, why) => {
    expect(use({ complaints })).toEqual({ unknown: expect.stringContaining(why) });
  });

  test("a process that ended meanwhile is ignored", () => {
    expect(use({ complaints: ["grep: /proc/612/cmdline: No such process"] })).toEqual([]);
  });

  test.each([
    ["open files", "/proc/self/fd/4", "a search of all open files did not find its own"],
    ["command lines", "own-look", "a search of all command lines did not find its own"],
    ["processes of others", "/proc/1/", "processes of other users are hidden"],
    ["definitions", "ostype", "the definitions of virtual machines could not be read in 10 s"],
  ])("when the search of %s did not find its own entry", (_, own, why) => {
    const text = captureText(parts).replace(new RegExp(`^.*${own}.*\n`, "m"), "");
    expect(usersOf(new Capture(text))({ mdev: uuid, iommuGroup: 7 })).toEqual({ unknown: why });
  });

  test("when the kubelet's checkpoint has an unsupported format", () => {
    const files = { ...byRoot, "/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint": ["{}"] };
    expect(use({ files })).toEqual({
      unknown: expect.stringContaining("has a format that this version does not support"),
    });
  });
});

describe("a device node is recognised by the end of its path", () => {
  const at = (target: string) =>
    captureOf({ files: { ...byRoot, "/proc/20/comm": ["a"] }, links: { "/proc/20/fd/9": target } });

  test.each(["/dev/vfio/7", "/dev/vfio/7 (deleted)", "/srv/jail/dev/vfio/7", "/dev/vfio/noiommu-7"])("%s", (target) => {
    expect(usersOf(at(target))({ mdev: uuid, iommuGroup: 7 })).toMatchObject([{ process: { pid: 20 } }]);
  });

  test.each(["/dev/vfio/70", "/dev/vfio/vfio", "/7"])("%s is not the node", (target) => {
    expect(usersOf(at(target))({ mdev: uuid, iommuGroup: 7 })).toEqual([]);
  });

  test("a node of the driver is recognised by the end of its path", () => {
    expect(holders(openFiles(at("/srv/jail/dev/nvidia0 (deleted)")))).toMatchObject([
      { device: "/dev/nvidia0", process: { pid: 20 } },
    ]);
  });
});

describe("cloud-hypervisor and crosvm have a device on their command lines", () => {
  test.each([
    "path=/sys/bus/pci/devices/0000:41:00.4/",
    "/sys/bus/pci/devices/0000:41:00.4",
    "vfio=/sys/bus/pci/devices/0000:41:00.4",
  ])("%s", (word) => {
    const capture = captureOf({ files: byRoot, words: [`/proc/22/cmdline:${word}\t`] });
    expect(usersOf(capture)({ address: "0000:41:00.4", iommuGroup: null })).toMatchObject([{ process: { pid: 22 } }]);
  });

  test("a path below the folder of a device is not a use of it", () => {
    const capture = captureOf({ files: byRoot, words: ["/proc/22/cmdline:/sys/bus/pci/devices/0000:41:00.4/\t"] });
    expect(usersOf(capture)({ address: "0000:41:00.4", iommuGroup: null })).toEqual([]);
  });
});

describe("definitions of guests that do not run are found", () => {
  test.each([
    "/root/.config/libvirt/qemu/web.xml",
    "/home/ada/.config/libvirt/qemu/web.xml",
    "/srv/people/ada/.config/libvirt/qemu/web.xml",
    "/var/lib/docker/volumes/nova_libvirt_qemu/_data/web.xml",
    "/var/lib/containers/storage/volumes/libvirt/_data/qemu/web.xml",
    "/proc/77/root/etc/libvirt/qemu/web.xml",
  ])("%s", (path) => {
    const capture = captureOf({ files: { ...byRoot, [path]: [`<address uuid='${uuid}'`] } });
    expect(usersOf(capture)({ mdev: uuid, iommuGroup: 7 })).toEqual([
      { kind: "libvirt", guest: "web", running: false },
    ]);
  });

  test.each([
    [`sysfsdev=/sys/bus/mdev/devices/${uuid}`, { mdev: uuid, iommuGroup: 7 }],
    ["host=41:00.4", { address: "0000:41:00.4" as const, iommuGroup: 7 }],
  ])("a Proxmox VM uses a device with the QEMU argument %s", (word, device) => {
    const capture = captureOf({ files: { ...byRoot, "/etc/pve/qemu-server/101.conf": [word] } });
    expect(usersOf(capture)(device)).toEqual([{ kind: "proxmox", guest: "101", running: false }]);
  });

  const pod = "0f6b1f6e-1111-4222-8333-444444444444";
  const response = Buffer.from("\n\x0e\x12\x0c/dev/vfio/43").toString("base64");
  const allotted = (entry: object) => ({
    ...byRoot,
    "/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint": [
      JSON.stringify({
        Data: {
          PodDeviceEntries: [{ PodUID: pod, ContainerName: "compute", ResourceName: "nvidia.com/A40", ...entry }],
          RegisteredDevices: { "nvidia.com/A40": [uuid] },
        },
        Checksum: 1,
      }),
    ],
  });

  test.each([
    ["a UUID", { DeviceIDs: { "0": [uuid] } }, { mdev: uuid, iommuGroup: 7 }],
    [
      "an address, as old kubelets write it",
      { DeviceIDs: ["0000:41:00.4"] },
      { address: "0000:41:00.4" as const, iommuGroup: 7 },
    ],
    [
      "an IOMMU group, by the nodes of the pod",
      { DeviceIDs: { "-1": ["43"] }, AllocResp: response },
      { mdev: uuid, iommuGroup: 43 },
    ],
  ])("a pod with %s assigned by a kubelet is a user", (_, entry, device) => {
    expect(usersOf(captureOf({ files: allotted(entry) }))(device)).toEqual([
      { kind: "kubernetes", guest: pod, running: true },
    ]);
  });

  test("a device that is only offered by the kubelet has no user", () => {
    expect(usersOf(captureOf({ files: allotted({ DeviceIDs: null }) }))({ mdev: uuid, iommuGroup: 7 })).toEqual([]);
  });
});
