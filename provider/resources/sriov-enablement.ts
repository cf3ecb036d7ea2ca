import type * as pulumi from "@pulumi/pulumi";
import type { EnabledGpu } from "../lifecycle/kinds/outputs";
import type { GpuSelectorArgs } from "./gpu-selector";
import type { HostResourceArgs } from "./host-resource";
import { HostResource } from "./host-resource";

/** Which GPUs of a host shall have their virtual functions on. */
export interface SriovEnablementArgs extends HostResourceArgs {
  /**
   * The GPUs, or the word all, which leaves out GPUs that cannot or must not be touched, and says so.
   *
   * @example [{ model: "A40", index: 0 }, "0000:c1:00.0"]
   */
  gpus: pulumi.Input<"all" | pulumi.Input<GpuSelectorArgs>[]>;
  /**
   * What becomes of the virtual functions when the resource is deleted.
   *
   * @default "keep"
   */
  onDelete?: pulumi.Input<"keep" | "disable">;
}

/**
 * Virtual functions of GPUs: on, bound to the driver and offering vGPU types.
 *
 * @example
 * const functions = new SriovEnablement("functions", { on: driver, gpus: "all" });
 */
export class SriovEnablement extends HostResource {
  /** The GPUs whose virtual functions are on, with what they offer now. */
  declare readonly enabledGpus: pulumi.Output<EnabledGpu[]>;

  constructor(name: string, args: SriovEnablementArgs, opts: pulumi.CustomResourceOptions = {}) {
    super("SriovEnablement", name, args, ["enabledGpus"], opts);
  }

  /** Reads which virtual functions are on, without managing them. The id is any name for them. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args: HostResourceArgs,
    opts: pulumi.CustomResourceOptions = {},
  ): SriovEnablement {
    return new SriovEnablement(name, args as SriovEnablementArgs, { ...opts, id });
  }
}
