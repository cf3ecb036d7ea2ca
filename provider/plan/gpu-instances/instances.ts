import type { Gpu } from "../../model/facts/gpu";
import type { GpuInstance, GpuInstanceProfile, MigVgpuType } from "../../model/facts/mig";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import { enumerate, formatGpu } from "../format";
import type { BlockerReason } from "../plan";
import type { Arrangement } from "./arrange";
import { arrange } from "./arrange";
import { instancesOf, migTypesOf, profileNames, profilesOf } from "./mig-of";
import type { InstanceUser } from "./required";
import { requiredInstances } from "./required";

/** Without the list of the instances that exist, their places would seem free. */
function unreadBlocker(gpu: Gpu): BlockerReason | null {
  const { profiles, instances } = (isKnown(gpu.mig) && gpu.mig) || { profiles: [], instances: [] };
  const unread = [instances, profiles].find((list) => !isKnown(list));
  if (unread === undefined || isKnown(unread)) return null;
  return {
    device: gpu.address,
    reason: `the GPU instances of ${formatGpu(gpu)} could not be read: ${unread.unknown}`,
    hint: "Run nvidia-smi mig -lgi and nvidia-smi mig -lgip on the host",
  };
}

/** The GPU instances of one GPU in MIG mode: what its vGPUs need, one vGPU after the other. */
export class InstancePlan {
  private readonly profiles: GpuInstanceProfile[];
  private readonly existing: GpuInstance[];
  private readonly users: InstanceUser[];
  /** Profile id to the number of instances that are declared without vGPUs. */
  private readonly declared = new Map<number, number>();
  private last: Arrangement = { kept: [], destroyed: [], created: [] };

  /**
   * @param staying the vGPUs that the GPU has and keeps
   * @param isManaged whether one belongs to a goal
   */
  constructor(
    private readonly gpu: Gpu,
    private readonly staying: readonly Vgpu[],
    isManaged: (vgpu: Vgpu) => boolean,
  ) {
    this.profiles = profilesOf(gpu);
    this.existing = instancesOf(gpu);
    this.users = staying.flatMap((vgpu) => {
      const type = this.typeOf(vgpu);
      return type ? [{ type, instance: vgpu.gpuInstance, isManaged: isManaged(vgpu) }] : [];
    });
  }

  /** How the instances are reached that all vGPUs so far need. */
  get arrangement(): Arrangement {
    return this.last;
  }

  /** Adds instances of profiles, or returns why there is no place for them. Those of vGPUs that other tools created count. */
  declare(counts: ReadonlyMap<number, number>): BlockerReason | null {
    for (const [id, count] of counts) this.declared.set(id, (this.declared.get(id) ?? 0) + count);
    return this.arrangeFor(this.users);
  }

  /** Adds a vGPU, or returns why there is no place for its instance. */
  add(type: MigVgpuType): BlockerReason | null {
    const user = { type, instance: null, isManaged: true };
    const blocker = this.arrangeFor([...this.users, user]);
    if (!blocker) this.users.push(user);
    return blocker;
  }

  /** Returns whether a vGPU that stays has a GPU instance on which more of this size may fit. */
  isShared({ profileId, framebufferMiB, perInstance }: MigVgpuType): boolean {
    const isAlike = ({ type }: InstanceUser) => type.profileId === profileId && type.framebufferMiB === framebufferMiB;
    return perInstance > 1 && this.users.some(isAlike);
  }

  private arrangeFor(users: readonly InstanceUser[]): BlockerReason | null {
    const unread = unreadBlocker(this.gpu);
    if (unread) return unread;
    const desired = this.desiredFor(users);
    const isFixed = (instance: GpuInstance) => this.isUsed(instance);
    const found = arrange({ profiles: this.profiles, existing: this.existing, isFixed, desired });
    if (!found) return this.blocker(desired);
    this.last = found;
    return null;
  }

  private desiredFor(users: readonly InstanceUser[]): ReadonlyMap<number, number> {
    const all = requiredInstances(users);
    const managed = requiredInstances(users.filter(({ isManaged }) => isManaged));
    const countOf = (id: number) => Math.max(all.get(id) ?? 0, (managed.get(id) ?? 0) + (this.declared.get(id) ?? 0));
    return new Map([...new Set([...all.keys(), ...this.declared.keys()])].map((id) => [id, countOf(id)]));
  }

  /** If the driver does not show on which instance a vGPU is, it may be on any of its profile. */
  private isUsed({ id, profileId }: GpuInstance): boolean {
    return this.staying.some(
      (vgpu) => vgpu.gpuInstance === id || (vgpu.gpuInstance === null && this.typeOf(vgpu)?.profileId === profileId),
    );
  }

  private typeOf(vgpu: Vgpu): MigVgpuType | undefined {
    return migTypesOf(this.gpu).find(({ id }) => id === vgpu.type.id);
  }

  private blocker(desired: ReadonlyMap<number, number>): BlockerReason {
    const nameOf = profileNames(this.gpu);
    const needed = [...desired].filter(([, count]) => count).map(([id, count]) => `${count} × ${nameOf(id)}`);
    const used = this.existing
      .filter((one) => this.isUsed(one))
      .map((one) => `${nameOf(one.profileId)} at slice ${one.start}`);
    const inUse = used.length ? `, and ${enumerate(used)} ${used.length > 1 ? "have" : "has"} vGPUs that stay` : "";
    return {
      device: this.gpu.address,
      reason: `${formatGpu(this.gpu)} has no room for the declared GPU instances and those of the declared vGPUs: ${enumerate(needed)} are needed${inUse}`,
      hint: "Declare fewer or smaller ones; nvidia-smi mig -lgipp shows the places of each profile",
    };
  }
}
