import type * as pulumi from "@pulumi/pulumi";
import type { GpuInstanceOutput } from "../lifecycle/kinds/outputs";
import { vgpuOutputs } from "../lifecycle/kinds/outputs";
import type { GpuSelectorArgs } from "./gpu-selector";
import type { HostResourceArgs } from "./host-resource";
import { HostResource } from "./host-resource";

/** One vGPU. */
export interface MdevVgpuArgs extends HostResourceArgs {
  /**
   * The physical GPU.
   *
   * @example { model: "A40" }
   */
  gpu: pulumi.Input<GpuSelectorArgs>;
  /**
   * The vGPU type by name, with or without the prefix `NVIDIA ` or `GRID `, or by id.
   *
   * @example "A40-8Q"
   */
  type: pulumi.Input<string>;
  /**
   * UUID of the vGPU.
   *
   * @default derived from the URN of the resource, then kept
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
   * Restore the vGPU after each boot of the host, by a systemd unit that runs before guests start.
   *
   * @default true
   */
  restoreAtBoot?: pulumi.Input<boolean>;
}

/**
 * One vGPU, in either framework: a mediated device, or the vGPU type of a virtual function (vendor VFIO). A GPU takes one
 * framebuffer size at a time. To change sizes, declare all vGPUs of the GPU in a `VgpuLayout`.
 *
 * @example
 * const desktop = new MdevVgpu("desktop", { on: sriov, gpu: { model: "A40" }, type: "A40-8Q" });
 * export const hostdev = desktop.hostdevXml;
 */
export class MdevVgpu extends HostResource {
  /** Known in preview. */
  declare readonly uuid: pulumi.Output<string>;
  /** The physical GPU. */
  declare readonly gpuAddress: pulumi.Output<string>;
  /** UUID of the physical GPU. The vGPU stays there until its selector is changed to another GPU. */
  declare readonly gpuUuid: pulumi.Output<string | undefined>;
  /** Where it was created: a virtual function, or the GPU if that does not use virtual functions. */
  declare readonly parentAddress: pulumi.Output<string>;
  /** mdev: through /sys/bus/mdev. vendor: through the type file of a virtual function. */
  declare readonly framework: pulumi.Output<"mdev" | "vendor">;
  declare readonly typeId: pulumi.Output<number>;
  declare readonly typeName: pulumi.Output<string | undefined>;
  declare readonly framebufferMiB: pulumi.Output<number | undefined>;
  declare readonly iommuGroup: pulumi.Output<number | undefined>;
  /** The GPU instance that it is on, where the driver shows it. */
  declare readonly gpuInstance: pulumi.Output<GpuInstanceOutput | undefined>;
  /** Where its memory begins on the GPU or in its GPU instance, where the driver shows it. */
  declare readonly placementId: pulumi.Output<number | undefined>;
  /** It existed before this resource, and stays when the resource is deleted. */
  declare readonly adopted: pulumi.Output<true | undefined>;
  /** The element that adds the vGPU to a libvirt domain. */
  declare readonly hostdevXml: pulumi.Output<string>;

  constructor(name: string, args: MdevVgpuArgs, opts: pulumi.CustomResourceOptions = {}) {
    super("MdevVgpu", name, args, ["uuid", ...vgpuOutputs], opts);
  }

  /** Reads an existing vGPU without managing it. The id is its UUID. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args: HostResourceArgs,
    opts: pulumi.CustomResourceOptions = {},
  ): MdevVgpu {
    return new this(name, args as MdevVgpuArgs, { ...opts, id });
  }
}
