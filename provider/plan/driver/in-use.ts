import type { HostFacts } from "../../model/facts/host-facts";
import type { Holder, Process, User } from "../../model/facts/users";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown, isUnknown } from "../../model/unknown";
import type { DriverDesire } from "../desire";
import { nothing, type Plan } from "../plan";
import { enumerate, sayFor, together } from "./saying";

/** Whatever would lose its GPU or its vGPU with the driver (B98, B99): each is named, with what to do. */
export function blockedByUse(facts: HostFacts, desire: DriverDesire): Plan {
  return together(users(facts, desire), heldBy(facts, desire), othersVgpus(facts, desire), instances(facts, desire));
}

function users({ gpus, vgpus }: HostFacts, { key }: DriverDesire): Plan {
  const { blocked } = sayFor(key);
  // What is passed through as a whole is not the driver's; a vGPU stands for the function that it sits on.
  const functions = gpus.filter(({ driver }) => driver !== "vfio-pci").flatMap((gpu) => gpu.functions);
  const bare = functions.filter(({ address }) => !vgpus.some((vgpu) => vgpu.function === address));
  const uses = [...vgpus.map((vgpu) => ({ name: nameOf(vgpu), who: vgpu.users })), ...bare.map((fn) => ({ name: fn.address, who: fn.users }))];
  const unread = uses.map(({ who }) => who).find(isUnknown);
  if (unread) return blocked(`it cannot be told who uses the GPUs: ${unread.unknown}`, "Log in as root, or as a user with sudo.");
  const devicesOf = new Map<string, string[]>();
  for (const { name, who } of uses) {
    for (const user of namesOf(who as User[])) devicesOf.set(user, [...(devicesOf.get(user) ?? []), name]);
  }
  return together(
    ...[...devicesOf].map(([user, devices]) =>
      blocked(`${user} ${enumerate(devices)}`, "Shut it down first, and take the device out of its definition where it is in one."),
    ),
  );
}

/** The same virtual machine shows as a process and as a guest that runs; QEMU does not always say its name. */
function namesOf(who: readonly User[]): string[] {
  const guests = who.flatMap((user) => ("guest" in user ? [user] : []));
  const running = guests.filter((guest) => guest.running);
  const processes = who.flatMap((user) => ("process" in user ? [user.process] : []));
  const machines = processes.map((process) => {
    const name = process.guest ?? running[0]?.guest;
    return name ? `virtual machine ${name} (pid ${process.pid}) uses` : `${processName(process)} uses`;
  });
  const unseen = processes.length ? [] : running.map(({ guest }) => `virtual machine ${guest} runs with`);
  return [...machines, ...unseen, ...guests.filter((guest) => !guest.running).map(({ guest }) => `virtual machine ${guest} is defined with`)];
}

/** Not ours, not touched, though nobody uses it. */
function othersVgpus(facts: HostFacts, { key }: DriverDesire): Plan {
  const idle = facts.vgpus.filter(({ users: who }) => isKnown(who) && !who.length);
  return together(
    ...idle
      .filter((vgpu) => !isOurs(facts, vgpu))
      .map((vgpu) =>
        sayFor(key).blocked(`${nameOf(vgpu)}, which was not made from here, would be lost with the driver`, "Remove it first if it is not needed.", {
          device: vgpu.function,
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

/** vGPU 11111111-2222-3333-4444-555555555555 (NVIDIA A40-4Q); vGPU 0000:3d:00.4 (NVIDIA L40S-24Q) */
export const nameOf = ({ uuid, function: fn, type }: Vgpu) => `vGPU ${uuid ?? fn} (${type.name ?? `type ${type.id}`})`;

function instances({ gpus }: HostFacts, { key }: DriverDesire): Plan {
  return together(
    ...gpus
      .filter(({ mig }) => isKnown(mig) && mig?.current)
      .map(({ address: device }) =>
        sayFor(key).blocked(`${device} has MIG mode on, and its GPU instances would be lost with the driver`, `Turn it off first: nvidia-smi -i ${device} -mig 0.`, {
          device,
        }),
      ),
  );
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
      return blocked(`${processName(process)} has ${enumerate(held.map(({ device }) => device))} open`, stopping(process));
    }),
  );
}

function stopping({ container, unit }: Process): string {
  if (container) return `Stop container ${container} first.`;
  return unit?.endsWith(".service") ? `Stop it first: systemctl stop ${unit}.` : "End it first.";
}
