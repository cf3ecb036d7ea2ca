import type { Process } from "../../model/facts/users";
import { unknown, whenKnown, type Known } from "../../model/unknown";
import type { Capture } from "../capture";
import { isRoot, pids, processOf, type OpenFiles } from "./processes";

/** With or without acceleration: KVM's file descriptor is certain, emulated machines only have their name. */
export function virtualMachines(capture: Capture, open: Known<OpenFiles[]>): Known<Process[]> {
  return whenKnown(open, (files) => {
    const kvm = files.filter(({ targets }) => targets.includes("anon_inode:kvm-vm")).map(({ process }) => process.pid);
    const named = pids(capture).filter((pid) => /^(qemu-system|qemu-kvm$|kvm$)/.test(capture.value(`/proc/${pid}/comm`) ?? ""));
    return [...new Set([...kvm, ...named])].sort((a, b) => a - b).map((pid) => processOf(capture, pid));
  });
}

export function containers(capture: Capture): Known<Process[]> {
  if (!isRoot(capture)) return unknown("only root sees all processes");
  const first = new Map<string, Process>();
  for (const process of pids(capture).map((pid) => processOf(capture, pid))) {
    if (process.container && !first.has(process.container)) first.set(process.container, process);
  }
  return [...first.values()];
}
