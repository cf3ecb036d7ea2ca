import { describe, expect, test } from "vitest";
import { containers, virtualMachines } from "../../../provider/probe/facts/idle";
import { openFiles } from "../../../provider/probe/facts/processes";
import { byRoot, captureOf } from "../capture-of";

const id = "0123456789abcdef".repeat(4);
const at = (pid: number, comm: string, group: string, status: string[] = []) => ({
  [`/proc/${pid}/comm`]: [comm],
  [`/proc/${pid}/cgroup`]: [`0::${group}`],
  ...(status.length && { [`/proc/${pid}/status`]: status }),
});
const found = (files: Record<string, string[]>, more = {}) =>
  containers(captureOf({ files: { ...byRoot, ...files }, ...more }));

describe("containers", () => {
  test.each([
    ["Docker with --cgroup-parent", at(9, "nginx", `/mine/${id}`)],
    ["nerdctl", at(9, "nginx", `/system.slice/nerdctl-${id}.scope`)],
    ["systemd-nspawn", at(9, "systemd", "/machine.slice/web.scope/payload")],
    ["libvirt-lxc", at(9, "init", "/machine.slice/machine-lxc\\x2d1\\x2dweb.scope")],
    ["LXC", at(9, "init", "/lxc/205/ns")],
    ["Apptainer", at(9, "starter", "/user.slice/user-0.slice/session-1.scope")],
    ["ctr, by its PID namespace", at(9, "nginx", "/default/web", ["NSpid:\t9\t1"])],
  ])("%s", (_, files) => expect(found(files)).toMatchObject([{ pid: 9 }]));

  test.each([
    ["a service", at(9, "sshd", "/system.slice/ssh.service")],
    ["a later process of a namespace", at(9, "worker", "/x", ["NSpid:\t9\t7"])],
    ["the first process of the host", at(1, "systemd", "/init.scope", ["NSpid:\t1"])],
    [
      "a virtual machine of QEMU",
      at(9, "qemu-system-x86", "/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator"),
    ],
  ])("%s is not a container", (_, files) => expect(found(files)).toEqual([]));

  test("two processes of a container give one container, with all its names", () => {
    const files = {
      ...at(9, "nginx", `/system.slice/docker-${id}.scope`),
      ...at(10, "worker", `/system.slice/docker-${id}.scope`),
    };
    const more = {
      "container-names": [
        `/var/lib/docker/containers/${id}/config.v2.json:"Name":"always"`,
        `/var/lib/docker/containers/${id}/config.v2.json:"Name":"/web"`,
      ],
    };
    expect(found(files, more)).toMatchObject([
      {
        pid: 9,
        names: ["web", "0123456789ab", id, "system.slice", `docker-${id}.scope`, "system", `docker-${id}`, "nginx"],
      },
    ]);
  });

  test("a container of Podman has its names", () => {
    const more = {
      "container-names": [
        `/var/lib/containers/storage/overlay-containers/containers.json:"id":"${id}","names":["web","www"]`,
      ],
    };
    expect(found(at(9, "nginx", `/machine.slice/libpod-${id}.scope`), more)).toMatchObject([
      { names: expect.arrayContaining(["web", "www"]) },
    ]);
  });
});

test.each([
  "grep: /proc/7/cgroup: Permission denied",
  "find: '/proc/7/fd': Permission denied",
  "sh: 71: grep: Argument list too long",
])("containers and virtual machines are unknown after the complaint: %s", (complaint) => {
  const capture = captureOf({ files: byRoot, complaints: [complaint] });
  expect(containers(capture)).toHaveProperty("unknown");
  expect(virtualMachines(capture, openFiles(capture))).toHaveProperty("unknown");
});
