import type { Container, Process } from "../../model/facts/users";
import { idleSigns } from "../../model/idle-signs";
import type { OrUnknown, Unknown } from "../../model/unknown";
import { mapKnown, unknown } from "../../model/unknown";
import type { Capture } from "../capture";
import type { OpenFiles } from "./processes";
import { isRoot, pids, processOf } from "./processes";

const matchesWhole = (sign: string) => new RegExp(`^(?:${sign})$`);
const machineName = matchesWhole(idleSigns.machineNames);
const runtimeName = matchesWhole(idleSigns.runtimeNames);
const containerGroup = new RegExp(idleSigns.containerGroups);
const firstInNamespace = matchesWhole(idleSigns.firstInNamespace);

/** Finds virtual machines by KVM's file descriptor, and emulated ones by process name. */
export function virtualMachines(capture: Capture, open: OrUnknown<OpenFiles[]>): OrUnknown<Process[]> {
  return mapKnown(open, (files) => {
    const kvm = files
      .filter(({ targets }) => targets.includes(idleSigns.machineDescriptor))
      .map(({ process }) => process.pid);
    const named = pids(capture).filter((pid) => machineName.test(capture.value(`/proc/${pid}/comm`) ?? ""));
    return (
      unreadReason(capture) ??
      [...new Set([...kvm, ...named])].sort((a, b) => a - b).map((pid) => processOf(capture, pid))
    );
  });
}

/** Returns one process of each container: found by control group, PID namespace, or the program that started it. */
export function containers(capture: Capture): OrUnknown<Container[]> {
  if (!isRoot(capture)) return unknown("only root sees all processes");
  const first = new Map<string, Container>();
  for (const pid of pids(capture)) {
    const group = controlGroupOf(capture, pid);
    // QEMU's machines are listed as virtual machines.
    const isInGroup = containerGroup.test(group) && !group.includes("/machine-qemu");
    if (!isInGroup && !isFirstInNamespace(capture, pid) && !runtimeName.test(capture.value(`/proc/${pid}/comm`) ?? ""))
      continue;
    const process = processOf(capture, pid);
    const names = namesOf(capture, process, group);
    const key = isInGroup ? (process.container ?? group) : String(pid);
    if (!first.has(key)) first.set(key, { ...process, names });
  }
  return unreadReason(capture) ?? [...first.values()];
}

/** Returns why processes could not be read. Processes that ended meanwhile do not count. */
function unreadReason(capture: Capture): Unknown | null {
  const tooMany = capture.section("complaints").find((line) => /Argument list too long/.test(line));
  if (tooMany) return unknown(tooMany);
  return capture.refusal((path) => /^\/proc\/\d+\/(comm|cgroup|status|fd)\b/.test(path));
}

const isFirstInNamespace = (capture: Capture, pid: number) =>
  capture.read(`/proc/${pid}/status`).some((line) => firstInNamespace.test(line));

const controlGroupOf = (capture: Capture, pid: number) =>
  capture.value(`/proc/${pid}/cgroup`)?.replace(/^[^/]*/, "") ?? "";

/** Returns all names of a container, the best first: names, short and full ids, parts of the control group, the command. */
function namesOf(capture: Capture, { command, container }: Process, group: string): string[] {
  const ids = group.match(/[0-9a-f]{64}/g) ?? [];
  const given = ids.flatMap((id) => givenNames(capture).get(id) ?? []);
  const parts = group.split("/").filter(Boolean);
  const bare = parts.map((part) => part.replace(/^lxc\.payload\.|\.(scope|service|slice)$/g, ""));
  return [
    ...new Set([
      ...given,
      ...(container ? [container] : []),
      ...ids.flatMap((id) => [id.slice(0, 12), id]),
      ...parts,
      ...bare,
      command,
    ]),
  ];
}

/** Returns the names by id, from the files of Docker and Podman. */
function givenNames(capture: Capture): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const line of capture.section("container-names")) {
    const docker = /\/containers\/([0-9a-f]{64})\/config\.v2\.json:"Name":"\/([^"]*)"/.exec(line);
    const podman = /containers\.json:"id":"([0-9a-f]{64})","names":\[([^\]]*)\]/.exec(line);
    if (docker) names.set(docker[1]!, [docker[2]!]);
    if (podman) names.set(podman[1]!, podman[2]!.replaceAll('"', "").split(",").filter(Boolean));
  }
  return names;
}
