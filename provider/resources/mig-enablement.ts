import type * as pulumi from "@pulumi/pulumi";
import type { MigGpu } from "../lifecycle/kinds/outputs";
import type { GpuSelectorArgs } from "./gpu-selector";
import type { HostResourceArgs } from "./host-resource";
import { HostResource } from "./host-resource";
import type { VgpuManagerInstallArgs } from "./vgpu-manager-install";

/** The GPUs of a host with a managed MIG mode: at least one, in `enabled` or `disabled`. */
export interface MigEnablementArgs extends HostResourceArgs {
  /**
   * The GPUs with MIG mode on.
   *
   * @default none
   * @example [{ model: "A100" }]
   */
  enabled?: pulumi.Input<pulumi.Input<GpuSelectorArgs>[]>;
  /**
   * The GPUs with MIG mode off.
   *
   * @default none
   */
  disabled?: pulumi.Input<pulumi.Input<GpuSelectorArgs>[]>;
  /**
   * Whether the host may be rebooted where a GPU takes its new mode only after a reset: an A100 or A30 that is in use. As in
   * `VgpuManagerInstall`.
   *
   * @default "never"
   */
  reboot?: VgpuManagerInstallArgs["reboot"];
  /**
   * What happens to MIG mode on delete.
   *
   * @default "keep"
   */
  onDelete?: pulumi.Input<"keep" | "disable">;
  /**
   * Turn MIG mode on again after each boot of the host, by a systemd unit that runs before guests start.
   *
   * @default true
   */
  restoreAtBoot?: pulumi.Input<boolean>;
}

/**
 * MIG mode of GPUs. It changes only while the virtual functions are off, so it stands between the driver and `SriovEnablement`, which
 * enables them again in the same `up`.
 *
 * @example
 * const mig = new MigEnablement("mig", { on: driver, enabled: [{ model: "A100" }] });
 * const sriov = new SriovEnablement("sriov", { on: mig, gpus: "all" });
 */
export class MigEnablement extends HostResource {
  /** The GPUs in MIG mode, with their GPU instances. */
  declare readonly migGpus: pulumi.Output<MigGpu[]>;

  constructor(name: string, args: MigEnablementArgs, opts: pulumi.CustomResourceOptions = {}) {
    super("MigEnablement", name, args, ["migGpus"], opts);
  }

  /** Reads which GPUs are in MIG mode, without managing them. The id can be any name. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args: HostResourceArgs,
    opts: pulumi.CustomResourceOptions = {},
  ): MigEnablement {
    return new this(name, args as MigEnablementArgs, { ...opts, id });
  }
}
