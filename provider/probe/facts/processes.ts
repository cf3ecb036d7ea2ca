import type { Holder, Process } from "../../model/facts/users";
import { unknown, whenKnown, type Known } from "../../model/unknown";
import type { Capture } from "../capture";

/** A running process with those of its open files that matter: nodes of the driver, VFIO devices, virtual machines. */
export interface OpenFiles {
  process: Process;
  targets: string[];
}

/** Ordinary users see neither what others have open nor, on some hosts, that they exist. */
export function openFiles(capture: Capture): Known<OpenFiles[]> {
  if (!isRoot(capture)) return unknown("only root sees what other users' processes have open");
  return pids(capture)
    .map((pid) => ({ process: processOf(capture, pid), targets: targets(capture, pid) }))
    .filter(({ targets }) => targets.length);
}

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

/** Docker, Podman, containerd and CRI-O put a long id into the name of the group, wherever it lies; LXC a name. */
function container(group: string): string | null {
  const id = /.*[/:-]([0-9a-f]{64})(?![0-9a-f])/.exec(group)?.[1];
  return id?.slice(0, 12) ?? /\/lxc(?:\.payload\.|\/)([^/]+)/.exec(group)?.[1] ?? null;
}

export function holders(open: Known<OpenFiles[]>): Known<Holder[]> {
  return whenKnown(open, (files) =>
    files.flatMap(({ process, targets }) =>
      targets
        .filter((target) => target.startsWith("/dev/nvidia"))
        .sort()
        .map((device) => ({ device, process })),
    ),
  );
}
