import type { Gpu, VgpuFunction } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import { formatGpu } from "../format";
import type { VgpuGoal } from "../goal";
import { isInMigMode } from "../gpu/readiness";
import type { Arrangement } from "../gpu-instances/arrange";
import { creationOrder } from "../gpu-instances/creation-order";
import { declaredInstances, declaresInstances } from "../gpu-instances/declared";
import { InstancePlan } from "../gpu-instances/instances";
import type { BlockerReason } from "../plan";
import { isBlocker } from "../plan";
import type { Occupant } from "./capacity";
import { capacityBlocker, mixesSizes, occupantOf, sizeOf, withRenameHint } from "./capacity";
import { displacedRecords, FunctionAllocator } from "./function-allocator";
import type { Creation, GpuChanges } from "./gpu-changes";
import { vgpusOn } from "./gpu-changes";
import { mixedCapacityBlocker } from "./mixed-capacity";
import type { MixedOrder } from "./mixed-order";
import { inMixedOrder, noPlacesBlocker } from "./mixed-order";
import type { ModeChange } from "./mixed-sizes";

/** A creation with its place. */
export interface Placed extends Creation {
  changes: GpuChanges;
  function: VgpuFunction;
  /** vGPUs that have to be removed before it. */
  removedFirst: Vgpu[];
  /** UUIDs in records of vGPUs that were on this function and are lost. */
  displacedUuids: string[];
}

/** New GPU instances for the vGPUs of these goals, and what has to go for them. */
export interface InstanceChanges extends Arrangement {
  gpu: Gpu;
  goals: VgpuGoal[];
  /** The vGPUs that leave the GPU, and with them their instances. */
  leaving: Vgpu[];
}

/** Returns whether a goal changes what is on its GPU, apart from removals. */
export const needsPlace = ({ goal, creations }: GpuChanges): boolean => creations.length > 0 || declaresInstances(goal);

/** Returns the plan of the GPU instances for what stays on a GPU in MIG mode, before anything is added. */
export const instancePlanOf = (
  facts: HostFacts,
  gpu: Gpu,
  changesOnGpu: readonly GpuChanges[],
  leaving: ReadonlySet<Vgpu>,
): InstancePlan =>
  new InstancePlan(
    gpu,
    vgpusOn(facts, gpu).filter((vgpu) => !leaving.has(vgpu)),
    (vgpu) => changesOnGpu.some(({ kept }) => kept.some((one) => one.vgpu === vgpu)),
  );

/** Adds what a goal needs to the plan of GPU instances, or returns why there is no place for it. */
export function addInstances(plan: InstancePlan, gpu: Gpu, changes: GpuChanges): BlockerReason | null {
  if (!needsPlace(changes)) return null;
  return plan.declare(declaredInstances(gpu, changes.goal)) ?? plan.add(changes.creations.map(({ type }) => type.mig!));
}

/** A creation of one of the goals of a GPU. */
export interface RequestedCreation {
  creation: Creation;
  changes: GpuChanges;
}

const asOccupant = ({ creation: { type }, changes }: RequestedCreation): Omit<Occupant, "function"> => ({
  name: type.name,
  framebufferMiB: type.framebufferMiB,
  plannedBy: changes,
});

/** Fills one GPU, one vGPU after the other. */
export class GpuPlacer {
  readonly placed: Placed[] = [];
  private readonly present: Vgpu[];
  private readonly leaving: Vgpu[];
  private readonly staying: Vgpu[];
  /** There is room for them on the GPU. */
  private readonly reserved: RequestedCreation[] = [];
  private readonly occupants: Occupant[];
  private readonly functions: FunctionAllocator;
  /** Of a GPU in MIG mode. */
  private readonly instancePlan?: InstancePlan;

  constructor(
    private readonly facts: HostFacts,
    private readonly gpu: Gpu,
    private readonly changesOnGpu: readonly GpuChanges[],
    leaving: ReadonlySet<Vgpu>,
    private readonly mode: ModeChange | undefined,
  ) {
    this.present = vgpusOn(facts, gpu);
    this.leaving = this.present.filter((vgpu) => leaving.has(vgpu));
    this.staying = this.present.filter((vgpu) => !leaving.has(vgpu));
    this.occupants = this.staying.map((vgpu) => occupantOf(facts, gpu, vgpu));
    this.functions = new FunctionAllocator(
      facts,
      gpu,
      changesOnGpu.map(({ goal }) => goal),
    );
    if (isInMigMode(gpu)) this.instancePlan = instancePlanOf(facts, gpu, changesOnGpu, leaving);
  }

  /** Returns all creations in the order in which each finds a place. */
  inOrder(): readonly RequestedCreation[] {
    if (this.isMixed) return this.mixedOrderOf(this.reserved)?.order ?? this.reserved;
    if (!this.instancePlan) return this.reserved;
    const withTypes = this.reserved.map((one) => ({ ...one, mig: one.creation.type.mig! }));
    return creationOrder(withTypes, this.instancePlan.filledInstances());
  }

  /** Returns the vGPUs that stay, if the driver does not show their places, and may refuse new ones for them. */
  hidingPlaces(): readonly Vgpu[] {
    const isUnsure = this.isMixed && this.reserved.length > 0 && this.mixedOrderOf(this.reserved)?.isSure === false;
    return isUnsure ? this.staying : [];
  }

  private mixedOrderOf(requested: readonly RequestedCreation[]): MixedOrder<RequestedCreation> | null {
    return inMixedOrder(this.gpu, this.present, this.staying, requested);
  }

  private get isMixed(): boolean {
    return this.mode ? this.mode.on : this.gpu.mixedSizes === "on" && !this.instancePlan;
  }

  /** Reserves room for what a goal needs, or returns why there is none: GPU instances, or places next to other sizes. */
  reserve(changes: GpuChanges): BlockerReason | null {
    const requested = changes.creations.map((creation): RequestedCreation => ({ creation, changes }));
    const blocker = this.instancePlan
      ? addInstances(this.instancePlan, this.gpu, changes)
      : this.isMixed && requested.length
        ? this.mixedBlocker(requested)
        : null;
    if (!blocker) this.reserved.push(...requested);
    return blocker;
  }

  private mixedBlocker(requested: readonly RequestedCreation[]): BlockerReason | null {
    const { gpu, staying, reserved } = this;
    const others = [...this.occupants, ...reserved.map(asOccupant)];
    for (const one of requested) {
      const blocker = mixedCapacityBlocker(gpu, others, one.creation.type);
      if (blocker) return blocker;
      others.push(asOccupant(one));
    }
    const all = [...reserved, ...requested];
    return this.mixedOrderOf(all) ? null : noPlacesBlocker(gpu, staying, all);
  }

  get instances(): InstanceChanges | undefined {
    const { gpu, leaving, instancePlan } = this;
    const goals = this.changesOnGpu.filter(needsPlace).map(({ goal }) => goal);
    return instancePlan && { ...instancePlan.arrangement, gpu, goals, leaving };
  }

  /** Adds one vGPU to `placed`, or returns why it has no place. */
  place({ creation, changes }: RequestedCreation): BlockerReason | null {
    const { facts, present, occupants } = this;
    const full = this.capacityBlocker(creation, changes);
    if (full) return withRenameHint(full, facts, present, changes.goal);
    const fn = this.functions.choose(creation, occupants);
    if (isBlocker(fn)) return fn;
    const refused = this.offerBlocker(fn, creation);
    if (refused) return refused;

    const { desired } = creation;
    this.placed.push({
      ...creation,
      changes,
      function: fn,
      removedFirst: this.removedFirst(creation, fn),
      displacedUuids: displacedRecords(facts, fn, desired, present),
    });
    occupants.push({ ...asOccupant({ creation, changes }), function: fn.address });
    return null;
  }

  private capacityBlocker(creation: Creation, changes: GpuChanges): BlockerReason | null {
    const { gpu, present, occupants, mode } = this;
    if (this.instancePlan || this.isMixed || (!mode && mixesSizes(gpu, present))) return null;
    return capacityBlocker(gpu, occupants, creation, changes);
  }

  /** Returns why the host does not offer the type there. Its offer counts only as long as nothing leaves the GPU. */
  private offerBlocker({ creatable, address, index }: VgpuFunction, { type }: Creation): BlockerReason | null {
    // Types of GPU instances that do not exist yet are not offered.
    if (this.leaving.length || this.instancePlan || !isKnown(creatable) || type.id === null) return null;
    const placedHere = index === null ? this.placed.length : 0;
    if ((creatable[type.id] ?? 0) > placedHere) return null;
    return {
      device: address,
      reason: `${formatGpu(this.gpu)} has no room for ${type.name} on ${address} now`,
      hint: "nvidia-smi vgpu -c shows what can be created",
    };
  }

  /** Returns what has to be removed first: the vGPU in its place; and all that leave, if they decide the size or fill the GPU. */
  private removedFirst({ type, replaces }: Creation, fn: VgpuFunction): Vgpu[] {
    const hasOtherSize = (vgpu: Vgpu) => {
      const size = sizeOf(this.gpu, vgpu);
      return size === null || size !== type.framebufferMiB;
    };
    const count = this.present.length + this.placed.length;
    const needsAll =
      this.instancePlan !== undefined ||
      this.mode !== undefined ||
      this.isMixed ||
      this.leaving.some(hasOtherSize) ||
      type.maxInstances === null ||
      count >= type.maxInstances;
    const isInPlace = (vgpu: Vgpu) => fn.index !== null && vgpu.function === fn.address;
    const first = this.leaving.filter((vgpu) => needsAll || isInPlace(vgpu));
    return replaces && !first.includes(replaces) ? [...first, replaces] : first;
  }
}
