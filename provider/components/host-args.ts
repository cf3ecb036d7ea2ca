import type * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "../resources/connection";
import type { GpuSelectorArgs } from "../resources/gpu-selector";
import type { NamedVgpuArgs } from "../resources/vgpu-layout";
import type { VgpuManagerInstallArgs } from "../resources/vgpu-manager-install";

/** A GPU of a host, with its vGPUs. */
export interface HostGpuArgs {
  /**
   * The physical GPU.
   *
   * @example { model: "L40S", index: 0 }
   */
  gpu: GpuSelectorArgs;
  /**
   * Number of vGPUs of each type.
   *
   * @default none: other tools create them
   * @example { "L40S-12Q": 4 }
   */
  vgpus?: Record<string, pulumi.Input<number>>;
  /**
   * vGPUs with their own UUID, by name.
   *
   * @default none
   */
  named?: Record<string, pulumi.Input<NamedVgpuArgs>>;
  /**
   * MIG mode of the GPU.
   *
   * @default what the types and GPU instances need; not managed for a GPU without MIG
   */
  mig?: boolean;
  /**
   * Number of GPU instances of each profile, in addition to those of the declared vGPUs: for vGPUs that other tools create.
   *
   * @default none
   * @example { "1g.10gb": 7 }
   */
  gpuInstances?: Record<string, pulumi.Input<number>>;
  /**
   * Its former key, if the key changed: its vGPUs stay. Can be removed after the next `up`.
   *
   * @default none
   */
  formerly?: string;
  /**
   * Owners from which this stack takes over vGPUs that fit, as errors print them, or `"unrecorded"`.
   *
   * @default none
   * @example ["shop/dev#1f3a9c2d"]
   */
  takeOver?: string[];
}

/** One host, from its driver to the vGPUs of its GPUs. */
export interface VgpuHostArgs
  extends Pick<VgpuManagerInstallArgs, "reboot" | "rebootTimeout" | "iommu" | "prerequisites" | "dkms"> {
  /**
   * How to reach it.
   *
   * @example { host: "gpu01.example", user: "ops" }
   */
  connection: pulumi.Input<ConnectionArgs>;
  /**
   * The vGPU Manager.
   *
   * @default none: any installed version is used
   * @example { package: "./NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run" }
   */
  driver?: Pick<VgpuManagerInstallArgs, "package" | "sha256" | "version">;
  /**
   * Its GPUs, by a key of your own that stays when a board moves.
   *
   * @example { a: { gpu: { model: "L40S", index: 0 }, vgpus: { "L40S-12Q": 4 } } }
   */
  gpus: Record<string, HostGpuArgs>;
  /**
   * Restore MIG mode, virtual functions and vGPUs after each boot of the host, by a systemd unit that runs before guests start.
   *
   * @default true
   */
  restoreAtBoot?: pulumi.Input<boolean>;
  /**
   * The former name of this component, if the name changed: everything stays. Can be removed after the next `up`.
   *
   * @default none
   */
  formerly?: string;
  /**
   * Reason for maintenance. While set, the host is neither read nor changed.
   *
   * @default none
   */
  maintenance?: string;
  /**
   * In a preview that creates a resource of this host, inspect the host (read-only) and print the planned steps.
   *
   * @default true
   */
  previewHosts?: boolean;
}

/** A host of a fleet. */
export interface FleetHostArgs extends Omit<VgpuHostArgs, "previewHosts"> {
  /**
   * Protects all resources of the host from being deleted.
   *
   * @default false
   */
  protect?: boolean;
}
