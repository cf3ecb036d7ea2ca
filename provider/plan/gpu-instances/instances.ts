import type { Gpu } from "../../model/facts/gpu";
import type { GpuInstance, GpuInstanceProfile, MigVgpuType } from "../../model/facts/mig";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import type { VgpuTypeName } from "../../model/vgpu-type";
import { isType } from "../../model/vgpu-type";
import { enumerate, formatGpu } from "../format";
import type { BlockerReason } from "../plan";
import type { Arrangement } from "./arrange";
import { arrange } from "./arrange";
import type { InstanceUser } from "./required";
import { requiredInstances } from "./required";

/** Returns the MIG-backed type of this GPU that is named; undefined if it has none of this name. */
export const migTypeNamed = (gpu: Gpu, name: VgpuTypeName): MigVgpuType | undefined =>
  migTypes(gpu).find((type) => isType(name, type));

const migTypes = ({ mig }: Gpu): MigVgpuType[] => (isKnown(mig) && mig && isKnown(mig.types) ? mig.types : []);

/** The GPU instances of one GPU in MIG mode: what its vGPUs need, one vGPU after the other. */
export class InstancePlan {
  private readonly profiles: GpuInstanceProfile[];
  private readonly existing: GpuInstance[];
  private readonly users: InstanceUser[];
  private last: Arrangement = { kept: [], destroyed: [], created: [] };

  /** @param staying the vGPUs that the GPU has and keeps */
  constructor(
    private readonly gpu: Gpu,
    private readonly staying: readonly Vgpu[],
  ) {
    const mig = isKnown(gpu.mig) ? gpu.mig : null;
    this.profiles = mig && isKnown(mig.profiles) ? mig.profiles : [];
    this.existing = mig && isKnown(mig.instances) ? mig.instances : [];
    this.users = staying.flatMap((vgpu) => {
      const type = this.typeOf(vgpu);
      return type ? [{ type, instance: vgpu.gpuInstance }] : [];
    });
  }

  /** How the instances are reached that all vGPUs so far need. */
  get arrangement(): Arrangement {
    return this.last;
  }

  /** Adds a vGPU, or returns why there is no place for its instance. */
  add(type: MigVgpuType): BlockerReason | null {
    const users = [...this.users, { type, instance: null }];
    const desired = requiredInstances(users);
    const isFixed = (instance: GpuInstance) => this.isUsed(instance);
    const found = arrange({ profiles: this.profiles, existing: this.existing, isFixed, desired });
    if (!found) return this.blocker(desired);
    this.users.push({ type, instance: null });
    this.last = found;
    return null;
  }

  /** If the driver does not show on which instance a vGPU is, it may be on any of its profile. */
  private isUsed({ id, profileId }: GpuInstance): boolean {
    return this.staying.some(
      (vgpu) => vgpu.gpuInstance === id || (vgpu.gpuInstance === null && this.typeOf(vgpu)?.profileId === profileId),
    );
  }

  private typeOf(vgpu: Vgpu): MigVgpuType | undefined {
    return migTypes(this.gpu).find(({ id }) => id === vgpu.type.id);
  }

  private blocker(desired: ReadonlyMap<number, number>): BlockerReason {
    const nameOf = (id: number) => this.profiles.find((profile) => profile.id === id)?.name ?? `profile ${id}`;
    const needed = enumerate([...desired].map(([id, count]) => `${count} × ${nameOf(id)}`));
    const used = this.existing
      .filter((one) => this.isUsed(one))
      .map((one) => `${nameOf(one.profileId)} at slice ${one.start}`);
    const inUse = used.length ? `, and ${enumerate(used)} ${used.length > 1 ? "have" : "has"} vGPUs that stay` : "";
    return {
      device: this.gpu.address,
      reason: `${formatGpu(this.gpu)} has no room for the GPU instances of the declared vGPUs: ${needed} are needed${inUse}`,
      hint: "Declare fewer or smaller ones; nvidia-smi mig -lgipp shows the places of each profile",
    };
  }
}
