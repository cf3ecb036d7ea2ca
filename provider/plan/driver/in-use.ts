import type { HostFacts } from "../../model/facts/host-facts";
import type { Holder, Process, User } from "../../model/facts/users";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown, isUnknown, type Known } from "../../model/unknown";
import type { DriverDesire } from "../desire";
import { nothing, type Plan } from "../plan";
import { enumerate, sayFor, together } from "./saying";

/** Whatever would lose its GPU or its vGPU with the driver (B98, B99): each is named, with what to do. */
export function blockedByUse(facts: HostFacts, desire: DriverDesire): Plan {
  const { blocked } = sayFor(desire.key);
  return together(
    users(facts, desire),
    heldBy(facts, desire),
    ...facts.vgpus.filter((vgpu) => !isOurs(facts, vgpu)).map((vgpu) =>
      blocked(
        `${nameOf(vgpu)} on ${vgpu.function} was made by somebody else and would be lost with the driver`,
        "Remove it first if it is not needed.",
        { device: vgpu.function },
      ),
    ),
    ...facts.gpus
      .filter(({ mig }) => isKnown(mig) && mig?.current)
      .map(({ address: device }) =>
        blocked(`${device} has MIG mode on, and its GPU instances would be lost with the driver`, `Turn it off first: nvidia-smi -i ${device} -mig 0.`, {
          device,
        }),
      ),
  );
}

/** Recorded when it was made. The vendor framework has no UUIDs: there function and type have to agree (B77). */
function isOurs({ records }: HostFacts, vgpu: Vgpu): boolean {
  if (isUnknown(records)) return false;
  return records.some((record) =>
    vgpu.uuid === null ? record.function === vgpu.function && record.typeId === vgpu.type.id : record.uuid === vgpu.uuid,
  );
}

export const nameOf = ({ uuid, type }: Vgpu) => `vGPU ${uuid ?? ""}`.trim() + ` (${type.name ?? `type ${type.id}`})`;

function users({ gpus, vgpus }: HostFacts, { key }: DriverDesire): Plan {
  const { blocked } = sayFor(key);
  // What is passed through as a whole is not the driver's.
  const driven = gpus.filter(({ driver }) => driver !== "vfio-pci");
  const uses: [string, Known<User[]>][] = [
    ...vgpus.map((vgpu): [string, Known<User[]>] => [nameOf(vgpu), vgpu.users]),
    ...driven.flatMap(({ functions }) => functions.map((fn): [string, Known<User[]>] => [fn.address, fn.users])),
  ];
  const unread = uses.map(([, who]) => who).find(isUnknown);
  if (unread) return blocked(`it cannot be told who uses the GPUs: ${unread.unknown}`, "Log in as root, or as a user with sudo.");
  const devices = new Map<string, { next: string; of: string[] }>();
  for (const [device, who] of uses) {
    for (const { name, next } of (who as User[]).map(described)) devices.set(name, { next, of: [...(devices.get(name)?.of ?? []), device] });
  }
  return together(...[...devices].map(([name, { next, of }]) => blocked(`${name} ${enumerate(of)}`, next)));
}

function described(user: User): { name: string; next: string } {
  if ("process" in user) {
    const { guest, pid } = user.process;
    return { name: guest ? `virtual machine ${guest} (pid ${pid}) uses` : `${processName(user.process)} uses`, next: "Shut it down first." };
  }
  return user.running
    ? { name: `virtual machine ${user.guest} runs with`, next: "Shut it down first, and take the device out of its definition." }
    : { name: `virtual machine ${user.guest} is defined with`, next: "Take the device out of its definition first." };
}

/** dcgm-exporter (pid 2202, container 3f3f3f3f3f3f) */
function processName({ command, pid, unit, container }: Process): string {
  const where = container ? `, container ${container}` : unit ? `, ${unit}` : "";
  return `${command} (pid ${pid}${where})`;
}

/** Those that are stopped with the driver anyway do not count. */
function heldBy({ holders }: HostFacts, { key }: DriverDesire): Plan {
  const { blocked } = sayFor(key);
  if (isUnknown(holders)) return nothing();
  const others = holders.filter(({ process }) => !/^nvidia-vgpu(-mgr|d)/.test(process.unit ?? process.command));
  const byProcess = new Map<number, Holder[]>();
  for (const holder of others) byProcess.set(holder.process.pid, [...(byProcess.get(holder.process.pid) ?? []), holder]);
  return together(
    ...[...byProcess.values()].map((held) => {
      const { process } = held[0]!;
      const stop = process.container ? `Stop container ${process.container} first.` : process.unit?.endsWith(".service") ? `Stop it first: systemctl stop ${process.unit}.` : "End it first.";
      return blocked(`${processName(process)} has ${enumerate(held.map(({ device }) => device))} open`, stop);
    }),
  );
}
