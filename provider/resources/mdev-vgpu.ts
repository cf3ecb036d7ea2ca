import type * as pulumi from "@pulumi/pulumi";
import type { GpuSelectorArgs } from "./gpu-selector";
import type { HostResourceArgs } from "./host-resource";
import { HostResource } from "./host-resource";

/** One vGPU. */
export interface MdevVgpuArgs extends HostResourceArgs {
  /**
   * The physical GPU that carries it.
   *
   * @example { model: "A40" }
   */
  gpu: pulumi.Input<GpuSelectorArgs>;
  /**
   * Its type by name, with or without `NVIDIA ` or `GRID ` before it, or by id.
   *
   * @example "A40-8Q"
   */
  type: pulumi.Input<string>;
  /**
   * Its identity.
   *
   * @default derived from the resource's URN, and kept from then on
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
 * One vGPU that belongs to this program. A card takes one framebuffer size at a time: where all vGPUs of a card are declared in
 * one place, `VgpuLayout` can change their size, and single vGPUs cannot.
 *
 * @example
 * const desktop = new MdevVgpu("desktop", { on: functions, gpu: { model: "A40" }, type: "A40-8Q" });
 * export const hostdev = desktop.hostdevXml;
 */
export class MdevVgpu extends HostResource {
  /** Known in preview. */
  declare readonly uuid: pulumi.Output<string>;
  /** The physical GPU. */
  declare readonly gpuAddress: pulumi.Output<string>;
  /** Its UUID. The vGPU stays on this GPU until another selector names another one. */
  declare readonly gpuUuid: pulumi.Output<string | undefined>;
  /** What it was created on: a virtual function, or the GPU itself where it takes none. */
  declare readonly parentAddress: pulumi.Output<string>;
  /** mdev: through /sys/bus/mdev. vendor: through the type file of a virtual function. */
  declare readonly framework: pulumi.Output<"mdev" | "vendor">;
  declare readonly typeId: pulumi.Output<number>;
  declare readonly typeName: pulumi.Output<string | undefined>;
  declare readonly framebufferMiB: pulumi.Output<number | undefined>;
  declare readonly iommuGroup: pulumi.Output<number | undefined>;
  /** It was there before this resource: it is given back when the resource goes, and not removed. */
  declare readonly adopted: pulumi.Output<true | undefined>;
  /** What a libvirt domain needs to be given it. */
  declare readonly hostdevXml: pulumi.Output<string>;

  constructor(name: string, args: MdevVgpuArgs, opts: pulumi.CustomResourceOptions = {}) {
    super("MdevVgpu", name, args, outputs, opts);
  }

  /** Reads a vGPU that somebody else made, without managing it. The id is its UUID. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args: HostResourceArgs,
    opts: pulumi.CustomResourceOptions = {},
  ): MdevVgpu {
    return new MdevVgpu(name, args as MdevVgpuArgs, { ...opts, id });
  }
}

const outputs = [
  "uuid",
  "gpuAddress",
  "gpuUuid",
  "parentAddress",
  "framework",
  "typeId",
  "typeName",
  "framebufferMiB",
  "iommuGroup",
  "adopted",
  "hostdevXml",
];
