import type * as pulumi from "@pulumi/pulumi";
import type { ExistingVgpu, LayoutMig } from "../lifecycle/kinds/outputs";
import type { GpuSelectorArgs } from "./gpu-selector";
import type { HostResourceArgs } from "./host-resource";
import { HostResource } from "./host-resource";

/** A vGPU of a layout with its own UUID. */
export interface NamedVgpuArgs {
  /**
   * The vGPU type by name, with or without the prefix `NVIDIA ` or `GRID `, or by id.
   *
   * @example "A40-8Q"
   */
  type: pulumi.Input<string>;
  /**
   * UUID of the vGPU.
   *
   * @default derived from the URN of the layout and the name, then kept
   */
  uuid?: pulumi.Input<string>;
  /**
   * The virtual function to use, by number or address.
   *
   * @default the first free one
   */
  virtualFunction?: pulumi.Input<number | string>;
  /**
   * Parameters of the vGPU plugin.
   *
   * @default none
   * @example "frame_rate_limiter=0, disable_vnc=1"
   */
  parameters?: pulumi.Input<string>;
}

/** All vGPUs of one GPU. */
export interface VgpuLayoutArgs extends HostResourceArgs {
  /**
   * The physical GPU.
   *
   * @example { model: "A40" }
   */
  gpu: pulumi.Input<GpuSelectorArgs>;
  /**
   * Number of vGPUs of each type.
   *
   * @default none
   * @example { "A40-12Q": 4 }
   */
  vgpus?: pulumi.Input<Record<string, pulumi.Input<number>>>;
  /**
   * vGPUs with their own UUID, and perhaps virtual function, by name.
   *
   * @default none
   * @example { "cad-01": { type: "A40-12Q", virtualFunction: 7 } }
   */
  named?: pulumi.Input<Record<string, pulumi.Input<NamedVgpuArgs>>>;
  /**
   * Number of GPU instances of each profile, in addition to those of the declared vGPUs: for vGPUs that other tools create. vGPUs that are
   * on such instances already count. They stay when the layout is deleted.
   *
   * @default none
   * @example { "1g.10gb": 7 }
   */
  gpuInstances?: pulumi.Input<Record<string, pulumi.Input<number>>>;
  /**
   * What happens to the vGPUs on delete. `remove`: delete all, or fail without deleting any if one is in use. `removeUnused`: delete
   * unused ones and list the rest.
   *
   * @default "remove"
   */
  onDelete?: pulumi.Input<"remove" | "removeUnused">;
  /**
   * Owners from which this resource takes over vGPUs that fit, as errors print them, or `"unrecorded"` for vGPUs of other tools.
   * Without it, vGPUs of other stacks are never touched, and vGPUs without a record are adopted: they stay when the resource is
   * deleted.
   *
   * @default none
   * @example ["shop/dev#1f3a9c2d"]
   */
  takeOver?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Restore the vGPUs after each boot of the host, by a systemd unit that runs before guests start.
   *
   * @default true
   */
  restoreAtBoot?: pulumi.Input<boolean>;
}

/**
 * All vGPUs of one GPU. What fits stays; what does not fit is removed before anything is created, so that a GPU can change its
 * framebuffer size in one `up`. Unmanaged vGPUs are never removed.
 *
 * @example
 * const layout = new VgpuLayout("layout", { on: sriov, gpu: { model: "A40" }, vgpus: { "A40-12Q": 4 } });
 * export const uuids = layout.instances.apply((vgpus) => Object.values(vgpus).map((vgpu) => vgpu.uuid));
 */
export class VgpuLayout extends HostResource {
  /** The physical GPU. */
  declare readonly gpuAddress: pulumi.Output<string>;
  /** UUID of the physical GPU. The layout stays there until its selector is changed to another GPU. */
  declare readonly gpuUuid: pulumi.Output<string | undefined>;
  /** MIG mode of the GPU, its GPU instances and free memory slices; none for a GPU without MIG. */
  declare readonly mig: pulumi.Output<LayoutMig | undefined>;
  /** Its vGPUs: named ones by their name, others by type and number, `A40-12Q#1`. */
  declare readonly instances: pulumi.Output<Record<string, ExistingVgpu>>;

  constructor(name: string, args: VgpuLayoutArgs, opts: pulumi.CustomResourceOptions = {}) {
    super("VgpuLayout", name, args, ["gpuAddress", "gpuUuid", "mig", "instances"], opts);
  }

  /** Reads all vGPUs of a GPU without managing them. The id can be any name. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args: HostResourceArgs & Pick<VgpuLayoutArgs, "gpu">,
    opts: pulumi.CustomResourceOptions = {},
  ): VgpuLayout {
    return new this(name, args, { ...opts, id });
  }
}
