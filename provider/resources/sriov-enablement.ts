import type * as pulumi from "@pulumi/pulumi";
import type { EnabledGpu } from "../lifecycle/kinds/outputs";
import type { GpuSelectorArgs } from "./gpu-selector";
import type { HostResourceArgs } from "./host-resource";
import { HostResource } from "./host-resource";

/** The GPUs of a host on which virtual functions are enabled. */
export interface SriovEnablementArgs extends HostResourceArgs {
  /**
   * The GPUs, or `"all"`, which skips GPUs that have no virtual functions or must not be changed, with a note for each.
   *
   * @example [{ model: "A40", index: 0 }, "0000:c1:00.0"]
   */
  gpus: pulumi.Input<"all" | pulumi.Input<GpuSelectorArgs>[]>;
  /**
   * What happens to the virtual functions on delete.
   *
   * @default "keep"
   */
  onDelete?: pulumi.Input<"keep" | "disable">;
  /**
   * Restore the virtual functions after each boot of the host, by a systemd unit that runs before guests start.
   *
   * @default true
   */
  restoreAtBoot?: pulumi.Input<boolean>;
}

/**
 * Virtual functions of GPUs: enabled, bound to the driver, and with creatable vGPU types.
 *
 * @example
 * const sriov = new SriovEnablement("sriov", { on: driver, gpus: "all" });
 */
export class SriovEnablement extends HostResource {
  /** The GPUs with enabled virtual functions, and their vGPU types. */
  declare readonly enabledGpus: pulumi.Output<EnabledGpu[]>;

  constructor(name: string, args: SriovEnablementArgs, opts: pulumi.CustomResourceOptions = {}) {
    super("SriovEnablement", name, args, ["enabledGpus"], opts);
  }

  /** Reads which virtual functions are enabled, without managing them. The id can be any name. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args: HostResourceArgs,
    opts: pulumi.CustomResourceOptions = {},
  ): SriovEnablement {
    return new this(name, args as SriovEnablementArgs, { ...opts, id });
  }
}
