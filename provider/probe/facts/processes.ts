import type { Holder, Process } from "../../model/facts/users";
import type { OrUnknown, Unknown } from "../../model/unknown";
import { mapKnown, unknown } from "../../model/unknown";
import type { Capture } from "../capture";

/** A running process with its relevant open files: device nodes of the driver, VFIO devices, virtual machines. */
export interface OpenFiles {
  process: Process;
  targets: string[];
}

export function openFiles(capture: Capture): OrUnknown<OpenFiles[]> {
  return (
    blindReason(capture) ??
    pids(capture)
      .map((pid) => ({ process: processOf(capture, pid), targets: targets(capture, pid) }))
      .filter(({ targets }) => targets.length)
  );
}

/**
 * Returns why the capture does not have all open files and command lines of all processes; null if it has. Ordinary users cannot read
 * those of others, and on some hosts not even list their processes; root may lack the capability. A failed search does not find itself.
 */
export function blindReason(capture: Capture): Unknown | null {
  if (!isRoot(capture)) return unknown("only root sees what other users' processes have open");
  const refused = capture.refusal((path) => /^\/proc\/\d+(\/|$)/.test(path));
  if (refused) return refused;
  if (!capture.exists("/proc/1")) return unknown("processes of other users are hidden");
  if (!capture.list("/proc/self/fd").some((fd) => capture.link(`/proc/self/fd/${fd}`) === ownFile))
    return unknown("a search of all open files did not find its own");
  return capture.foundOwnWords ? null : unknown("a search of all command lines did not find its own");
}

/** The probe opens this file only so that its search must find it. */
const ownFile = "/proc/sys/kernel/osrelease";

export const isRoot = (capture: Capture) => /^Uid:\s+\d+\s+0\s/.test(capture.value("/proc/self/status") ?? "");

export const pids = (capture: Capture) =>
  capture
    .list("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);

function targets(capture: Capture, pid: number): string[] {
  const open = capture.list(`/proc/${pid}/fd`).map((fd) => capture.link(`/proc/${pid}/fd/${fd}`));
  return [...new Set(open.filter((target) => target !== null))];
}

export function processOf(capture: Capture, pid: number): Process {
  const group = capture.value(`/proc/${pid}/cgroup`)?.replace(/^[^/]*/, "") ?? "";
  return {
    pid,
    command: capture.value(`/proc/${pid}/comm`) ?? "",
    unit:
      group
        .split("/")
        .reverse()
        .find((part) => /\.(service|scope)$/.test(part)) ?? null,
    container: container(group),
    guest:
      capture.commandWords
        .get(pid)
        ?.find((word) => word.startsWith("guest="))
        ?.slice("guest=".length) ?? null,
  };
}

/** Docker, Podman, containerd and CRI-O put a long id into the name of the group, wherever it is; LXC a name. */
function container(group: string): string | null {
  const id = /.*[/:-]([0-9a-f]{64})(?![0-9a-f])/.exec(group)?.[1];
  return id?.slice(0, 12) ?? /\/lxc(?:\.payload\.|\/)([^/]+)/.exec(group)?.[1] ?? null;
}

export function holders(open: OrUnknown<OpenFiles[]>): OrUnknown<Holder[]> {
  return mapKnown(open, (files) =>
    files.flatMap(({ process, targets }) =>
      targets
        .flatMap((target) => nodePath(target, "/dev/nvidia") ?? [])
        .sort()
        .map((device) => ({ device, process })),
    ),
  );
}

/** Returns the end of a path, from `begin` on: in a chroot the path has a prefix, and for a removed node the kernel adds a suffix. */
export function nodePath(target: string, begin: string): string | null {
  const at = target.lastIndexOf(begin);
  return at < 0 ? null : target.slice(at).replace(/ \(deleted\)$/, "");
}
