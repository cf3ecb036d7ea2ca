import type * as pulumi from "@pulumi/pulumi";
import type { ExistingVgpu } from "../lifecycle/kinds/outputs";
import type { GpuSelectorArgs } from "./gpu-selector";
import type { HostResourceArgs } from "./host-resource";
import { HostResource } from "./host-resource";

/** A vGPU of a layout that has an identity of its own. */
export interface NamedVgpuArgs {
  /**
   * Its type by name, with or without `NVIDIA ` or `GRID ` before it, or by id.
   *
   * @example "A40-8Q"
   */
  type: pulumi.Input<string>;
  /**
   * Its identity.
   *
   * @default derived from the layout's URN and the name, and kept from then on
   */
  uuid?: pulumi.Input<string>;
  /**
   * The virtual function that carries it, by number or address.
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

/** All vGPUs of one card. */
export interface VgpuLayoutArgs extends HostResourceArgs {
  /**
   * The physical GPU.
   *
   * @example { model: "A40" }
   */
  gpu: pulumi.Input<GpuSelectorArgs>;
  /**
   * How many of each type.
   *
   * @default none
   * @example { "A40-12Q": 4 }
   */
  vgpus?: pulumi.Input<Record<string, pulumi.Input<number>>>;
  /**
   * Those that have a place and an identity of their own.
   *
   * @default none
   * @example { "cad-01": { type: "A40-12Q", virtualFunction: 7 } }
   */
  named?: pulumi.Input<Record<string, pulumi.Input<NamedVgpuArgs>>>;
  /**
   * What becomes of the vGPUs when the resource is deleted. remove: all go, or none while one of them is in use. removeUnused: those
   * in use stay, and it is said which.
   *
   * @default "remove"
   */
  onDelete?: pulumi.Input<"remove" | "removeUnused">;
  /**
   * Whose vGPUs become this resource's own where it wants them: owners as errors print them, or `"unrecorded"` for vGPUs that were
   * made by hand or by other tools. Without it, vGPUs of other stacks are never touched, and others are only adopted: they are given
   * back when the resource goes.
   *
   * @default nobody's
   * @example ["shop/dev#1f3a9c2d"]
   */
  takeOver?: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * All vGPUs of one card. What fits stays; what does not is freed before anything is created, so that a card can change its
 * framebuffer size in one `up`. vGPUs that others made are left alone.
 *
 * @example
 * const layout = new VgpuLayout("layout", { on: functions, gpu: { model: "A40" }, vgpus: { "A40-12Q": 4 } });
 * export const uuids = layout.instances.apply((vgpus) => Object.values(vgpus).map((vgpu) => vgpu.uuid));
 */
export class VgpuLayout extends HostResource {
  /** The physical GPU. */
  declare readonly gpuAddress: pulumi.Output<string>;
  /** Its UUID. The layout stays on this GPU until another selector names another one. */
  declare readonly gpuUuid: pulumi.Output<string | undefined>;
  /** Its vGPUs: those with a name by their name, the others by type and number, `A40-12Q#1`. */
  declare readonly instances: pulumi.Output<Record<string, ExistingVgpu>>;

  constructor(name: string, args: VgpuLayoutArgs, opts: pulumi.CustomResourceOptions = {}) {
    super("VgpuLayout", name, args, ["gpuAddress", "gpuUuid", "instances"], opts);
  }

  /** Reads the vGPUs of a card, whoever made them, without managing them. The id is any name for them. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args: HostResourceArgs & Pick<VgpuLayoutArgs, "gpu">,
    opts: pulumi.CustomResourceOptions = {},
  ): VgpuLayout {
    return new VgpuLayout(name, args, { ...opts, id });
  }
}
