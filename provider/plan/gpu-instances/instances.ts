import type { Gpu } from "../../model/facts/gpu";
import type { GpuInstance, GpuInstanceProfile, MigVgpuType } from "../../model/facts/mig";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import { enumerate, formatGpu } from "../format";
import type { BlockerReason } from "../plan";
import { isInUse } from "../use";
import { stayingReason } from "../vgpu/staying";
import type { Arrangement } from "./arrange";
import { arrange } from "./arrange";
import type { FilledInstance } from "./creation-order";
import { creationOrder, fill } from "./creation-order";
import { instanceCounts, instancesOf, migTypesOf, profileNames, profilesOf } from "./mig-of";
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

/** The GPU instances of one GPU in MIG mode: what its vGPUs need, those of one goal after the other. */
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
      return type ? [{ type, instance: vgpu.gpuInstance ?? "hidden", isManaged: isManaged(vgpu) }] : [];
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

  /** Adds vGPUs, or returns why there is no place for their instances. */
  add(types: readonly MigVgpuType[]): BlockerReason | null {
    const users = types.map((type): InstanceUser => ({ type, instance: "none yet", isManaged: true }));
    const blocker = this.arrangeFor([...this.users, ...users]);
    if (!blocker) this.users.push(...users);
    return blocker;
  }

  /** Returns the instances as they are when the first vGPU is created. Hidden vGPUs are where the driver creates such ones. */
  filledInstances(users: readonly InstanceUser[] = this.users, { destroyed, created } = this.last): FilledInstance[] {
    const present = this.existing
      .filter((one) => !destroyed.includes(one))
      .map(({ id, profileId, start }) => {
        const there = users.filter(({ instance }) => instance === id);
        const framebufferMiB = there[0]?.type.framebufferMiB ?? null;
        const isManaged = there.some((one) => one.isManaged);
        return { profileId, start, framebufferMiB, count: there.length, isManaged };
      });
    const added = created.map(({ profile, start }) => ({
      profileId: profile.id,
      start,
      framebufferMiB: null,
      count: 0,
      isManaged: false,
    }));
    const filled = [...present, ...added];
    for (const { type, instance, isManaged } of users) if (instance === "hidden") fill(type, isManaged, filled);
    return filled;
  }

  private arrangeFor(users: readonly InstanceUser[]): BlockerReason | null {
    const unread = unreadBlocker(this.gpu);
    if (unread) return unread;
    const desired = this.desiredFor(users);
    const isFixed = (instance: GpuInstance) => this.staying.some((vgpu) => this.mayBeOn(vgpu, instance));
    for (;;) {
      const found = arrange({ profiles: this.profiles, existing: this.existing, isFixed, desired });
      if (!found) return this.blocker(desired);
      const short = this.profileTooFew(users, found);
      if (short === undefined) {
        this.last = found;
        return null;
      }
      desired.set(short, 1 + this.countAfter(short, found));
    }
  }

  /**
   * Returns a profile of which fewer instances would be left for vGPUs of other tools than are declared. The driver may begin an empty
   * instance for a vGPU that also fits next to others.
   */
  private profileTooFew(users: readonly InstanceUser[], arrangement: Arrangement): number | undefined {
    const filled = this.filledInstances(users, arrangement);
    const added = users.filter(({ instance }) => instance === "none yet").map(({ type }) => ({ mig: type }));
    creationOrder(added, filled);
    const left = (id: number) => filled.filter(({ profileId, isManaged }) => profileId === id && !isManaged).length;
    return [...this.declared].find(([id, count]) => added.length && left(id) < count)?.[0];
  }

  private countAfter(id: number, { destroyed, created }: Arrangement): number {
    const isOfProfile = ({ profileId }: GpuInstance) => profileId === id;
    const gone = destroyed.filter(isOfProfile).length;
    return this.existing.filter(isOfProfile).length - gone + created.filter(({ profile }) => profile.id === id).length;
  }

  private desiredFor(users: readonly InstanceUser[]): Map<number, number> {
    const existing = instanceCounts(this.gpu);
    const all = requiredInstances(users, existing);
    const managed = requiredInstances(
      users.filter(({ isManaged }) => isManaged),
      existing,
    );
    const countOf = (id: number) => Math.max(all.get(id) ?? 0, (managed.get(id) ?? 0) + (this.declared.get(id) ?? 0));
    return new Map([...new Set([...all.keys(), ...this.declared.keys()])].map((id) => [id, countOf(id)]));
  }

  /** If the driver does not show on which instance a vGPU is, it may be on any of its profile. */
  private mayBeOn(vgpu: Vgpu, { id, profileId }: GpuInstance): boolean {
    return vgpu.gpuInstance === null ? this.typeOf(vgpu)?.profileId === profileId : vgpu.gpuInstance === id;
  }

  private typeOf(vgpu: Vgpu): MigVgpuType | undefined {
    return migTypesOf(this.gpu).find(({ id }) => id === vgpu.type.id);
  }

  private blocker(desired: ReadonlyMap<number, number>): BlockerReason {
    const nameOf = profileNames(this.gpu);
    const needed = [...desired].filter(([, count]) => count).map(([id, count]) => `${count} × ${nameOf(id)}`);
    const fewer = "Declare fewer or smaller ones; nvidia-smi mig -lgipp shows the places of each profile";
    const staying = [...this.staying]
      .sort((one, other) => Number(isInUse(other.users)) - Number(isInUse(one.users)))
      .map((vgpu) => ({ ...stayingReason(vgpu, fewer), place: this.placeOf(vgpu) }));
    const stays = staying.map(({ reason, place }) => `${reason} (${place})`);
    return {
      device: this.gpu.address,
      reason: `${formatGpu(this.gpu)} has no room for the declared GPU instances and those of the declared vGPUs: ${enumerate(needed)} are needed${stays.length ? `, and ${enumerate(stays)}` : ""}`,
      hint: staying[0]?.hint ?? fewer,
    };
  }

  /** `1g.5gb at slice 0`; `1g.5gb at slice 0, 1 or 4: the driver does not show which` */
  private placeOf(vgpu: Vgpu): string {
    const places = this.existing.filter((one) => this.mayBeOn(vgpu, one));
    const [first] = places;
    if (!first) return "on an instance that is not listed";
    const slices = enumerate(
      places.map(({ start }) => String(start)),
      "or",
    );
    const hidden = places.length > 1 ? ": the driver does not show which" : "";
    return `${profileNames(this.gpu)(first.profileId)} at slice ${slices}${hidden}`;
  }
}
