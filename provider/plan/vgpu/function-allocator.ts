import type { Gpu, VgpuFunction } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { formatGpu } from "../format";
import type { DesiredVgpu, VgpuGoal } from "../goal";
import type { BlockerReason } from "../plan";
import { isInUse, mayRun, usedReason } from "../use";
import type { Occupant } from "./capacity";
import type { Creation } from "./gpu-changes";
import { recordsOf } from "./vgpu";

/** Chooses functions of one GPU, and knows for which vGPU each is reserved. */
export class FunctionAllocator {
  private readonly usable: VgpuFunction[];
  /** Address to the UUID of the vGPU that is declared there. */
  private readonly reserved = new Map<string, string>();
  /** UUID to the address that it has, or had before it was lost. */
  private readonly recorded: Map<string, string>;

  constructor(
    facts: HostFacts,
    private readonly gpu: Gpu,
    goals: readonly VgpuGoal[],
  ) {
    this.usable = gpu.functions.filter(({ framework, driver }) => framework !== null && driver === "nvidia");
    const desired = goals.flatMap((goal) => goal.desired);
    for (const one of desired) {
      const fn = this.declaredFunction(one);
      if (fn && !this.reserved.has(fn.address)) this.reserved.set(fn.address, one.uuid);
    }
    const obsolete = new Set(goals.flatMap((goal) => goal.obsolete.map(({ uuid }) => uuid)));
    for (const { uuid } of desired) obsolete.delete(uuid);
    this.recorded = new Map(
      recordsOf(facts).flatMap(({ uuid, function: address }) => (obsolete.has(uuid) ? [] : [[uuid, address] as const])),
    );
  }

  /** Returns the declared function, else the earlier one, else the first free one that is not reserved for another vGPU. */
  choose({ desired, replaces }: Creation, occupants: readonly Occupant[]): VgpuFunction | BlockerReason {
    if (desired.virtualFunction !== undefined) return this.chooseDeclared(desired, occupants);
    const free = this.usable.filter(
      (fn) => isVacant(fn, occupants) && (this.reserved.get(fn.address) ?? desired.uuid) === desired.uuid,
    );
    const earlier = [this.recorded.get(desired.uuid), replaces?.function];
    return (
      free.find(({ address }) => earlier.includes(address)) ??
      free.find((fn) => !this.isRecorded(fn) && !isNamedByGuest(fn)) ??
      free[0] ?? {
        device: this.gpu.address,
        reason: `all ${this.usable.length} virtual functions of ${formatGpu(this.gpu)} are taken`,
        hint: "Remove a vGPU that is not needed",
      }
    );
  }

  private chooseDeclared(desired: DesiredVgpu, occupants: readonly Occupant[]): VgpuFunction | BlockerReason {
    const { virtualFunction } = desired;
    const fn = this.declaredFunction(desired);
    const device = fn?.address ?? this.gpu.address;
    const hint = "Choose another virtual function or omit virtualFunction";
    if (!fn || fn.index === null)
      return { device, reason: `${formatGpu(this.gpu)} has no virtual function ${virtualFunction}`, hint };

    const name = `the virtual function ${fn.address}`;
    if (!this.usable.includes(fn)) return { device, reason: `${name} offers no vGPU types`, hint };
    const occupant = occupants.find((one) => one.function === fn.address);
    if (occupant) {
      const relation = occupant.plannedBy ? "is declared for another" : "has";
      return { device, reason: `${name} ${relation} ${occupant.name} already`, hint };
    }
    return isVacant(fn, occupants) ? fn : { device, ...usedReason(name, fn.users, hint) };
  }

  private declaredFunction({ virtualFunction }: DesiredVgpu): VgpuFunction | undefined {
    if (virtualFunction === undefined) return undefined;
    return this.gpu.functions.find(({ index, address }) => virtualFunction === index || virtualFunction === address);
  }

  private isRecorded({ address, index }: VgpuFunction): boolean {
    return index !== null && [...this.recorded.values()].includes(address);
  }
}

/** The GPU itself always has a place; a VF if no vGPU is on it and no running guest has it. */
const isVacant = ({ address, index, users }: VgpuFunction, occupants: readonly Occupant[]): boolean =>
  index === null || (!occupants.some((one) => one.function === address) && !mayRun(users));

/** In the vendor framework guests name a VF, and would get whatever vGPU is on it. */
const isNamedByGuest = ({ users, index }: VgpuFunction) => index !== null && isInUse(users);

/** Returns the UUIDs in records of vGPUs that were on this VF and are lost. */
export function displacedRecords(
  facts: HostFacts,
  fn: VgpuFunction,
  by: DesiredVgpu,
  present: readonly Vgpu[],
): string[] {
  if (fn.index === null || fn.framework !== "vendor") return [];
  const exists = (typeId: number) => present.some((vgpu) => vgpu.function === fn.address && vgpu.type.id === typeId);
  return recordsOf(facts).flatMap((one) =>
    one.function === fn.address && one.uuid !== by.uuid && !exists(one.typeId) ? [one.uuid] : [],
  );
}
