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

describe("a container is seen", () => {
  test.each([
    ["of Docker with --cgroup-parent", at(9, "nginx", `/mine/${id}`)],
    ["of nerdctl", at(9, "nginx", `/system.slice/nerdctl-${id}.scope`)],
    ["of systemd-nspawn", at(9, "systemd", "/machine.slice/web.scope/payload")],
    ["of libvirt-lxc", at(9, "init", "/machine.slice/machine-lxc\\x2d1\\x2dweb.scope")],
    ["of LXC", at(9, "init", "/lxc/205/ns")],
    ["of Apptainer", at(9, "starter", "/user.slice/user-0.slice/session-1.scope")],
    ["of ctr, by its PID namespace", at(9, "nginx", "/default/web", ["NSpid:\t9\t1"])],
  ])("%s", (_, files) => expect(found(files)).toMatchObject([{ pid: 9 }]));

  test.each([
    ["a service", at(9, "sshd", "/system.slice/ssh.service")],
    ["a later process of a namespace", at(9, "worker", "/x", ["NSpid:\t9\t7"])],
    ["the first process of the host", at(1, "systemd", "/init.scope", ["NSpid:\t1"])],
    ["a machine of QEMU", at(9, "qemu-system-x86", "/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator")],
  ])("but not %s", (_, files) => expect(found(files)).toEqual([]));

  test("once, with all that it may be called", () => {
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

  test("by the names that Podman gives", () => {
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
])("what runs is unknown after: %s", (complaint) => {
  const capture = captureOf({ files: byRoot, complaints: [complaint] });
  expect(containers(capture)).toHaveProperty("unknown");
  expect(virtualMachines(capture, openFiles(capture))).toHaveProperty("unknown");
});
