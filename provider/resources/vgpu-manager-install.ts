import type * as pulumi from "@pulumi/pulumi";
import type { FoundGpu } from "../lifecycle/kinds/outputs";
import { migrateGpu } from "../lifecycle/migrate";
import type { HostResourceArgs } from "./host-resource";
import { HostResource } from "./host-resource";

/** A package that is already on the host. */
export interface PackageOnHost {
  /**
   * Its absolute path on the host.
   *
   * @example "/srv/NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run"
   */
  onHost: pulumi.Input<string>;
}

/** Reboots while containers run that the operator names. */
export interface RebootWhenIdle {
  whenIdle: pulumi.Input<{
    /**
     * Containers that a reboot may interrupt: by name (Docker, Podman), id, systemd unit or slice, or command. `*` and `?` stand for
     * other text. Virtual machines always count.
     *
     * @example ["node-exporter", "kolla*", "kubepods*"]
     */
    exceptContainers: pulumi.Input<pulumi.Input<string>[]>;
  }>;
}

/** The driver of a host. */
export interface VgpuManagerInstallArgs extends HostResourceArgs {
  /**
   * The vGPU Manager: a local .run file, or one that is already on the host.
   *
   * @default none: nothing is installed, only required
   * @example "./NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run"
   */
  package?: pulumi.Input<string | PackageOnHost>;
  /**
   * SHA-256 of the package, in hexadecimal. Verified before anything is uploaded or run.
   *
   * @default not checked
   */
  sha256?: pulumi.Input<string>;
  /**
   * The version to load.
   *
   * @default the version in the name of the package
   * @example "550.163.02"
   */
  version?: pulumi.Input<string>;
  /**
   * Compiler, kernel headers, nouveau's blacklist, kernel command line: install them, or only require them, if another tool
   * manages packages and boot loader.
   *
   * @default "install"
   */
  prerequisites?: pulumi.Input<"install" | "require">;
  /**
   * Turn on the IOMMU by the kernel command line if it is off.
   *
   * @default false
   */
  iommu?: pulumi.Input<boolean>;
  /**
   * Let DKMS rebuild the modules for new kernels.
   *
   * @default as the installer of the branch does
   */
  dkms?: pulumi.Input<boolean>;
  /**
   * `never`: stop before a reboot, with an error that names the next step. `whenIdle`: reboot while no virtual machine, container or
   * package manager runs, and no inhibitor blocks a shutdown (systemd-inhibit). The host checks again right before the reboot.
   *
   * @default "never"
   * @example { whenIdle: { exceptContainers: ["node-exporter", "kolla*"] } }
   */
  reboot?: pulumi.Input<"never" | "whenIdle" | RebootWhenIdle>;
  /**
   * Maximum time for a reboot, in seconds.
   *
   * @default 1800 (30 minutes)
   */
  rebootTimeout?: pulumi.Input<number>;
  /**
   * What happens to the driver on delete.
   *
   * @default "keep"
   */
  onDelete?: pulumi.Input<"keep" | "uninstall">;
}

/**
 * NVIDIA's vGPU Manager on one host: installed, loaded, its services running. A version that is already installed is adopted.
 * Another version is replaced if nothing is in use; otherwise an error names the user.
 *
 * @example
 * const driver = new VgpuManagerInstall("driver", {
 *   connection: { host: "gpu01.example" },
 *   package: "./NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run",
 *   reboot: "whenIdle",
 * });
 */
export class VgpuManagerInstall extends HostResource {
  /** The declared version. */
  declare readonly version: pulumi.Output<string>;
  /** The version that is loaded now. */
  declare readonly loadedVersion: pulumi.Output<string | undefined>;
  /** The version on disk. It differs from the loaded one between an installation and its reboot. */
  declare readonly installedVersion: pulumi.Output<string | undefined>;
  /** The running kernel. */
  declare readonly kernel: pulumi.Output<string>;
  /** The NVIDIA GPUs of the host. */
  declare readonly gpus: pulumi.Output<FoundGpu[]>;
  /** A change on the host takes effect after a reboot. */
  declare readonly rebootPending: pulumi.Output<boolean>;

  constructor(name: string, args: VgpuManagerInstallArgs, opts: pulumi.CustomResourceOptions = {}) {
    super(
      "VgpuManagerInstall",
      name,
      args,
      ["version", "loadedVersion", "installedVersion", "kernel", "gpus", "rebootPending"],
      opts,
    );
    this.gpus = this.gpus.apply((gpus) => gpus?.map((gpu) => migrateGpu(gpu) as FoundGpu));
  }

  /** Reads the driver of a host without managing it. The id can be any name. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args: HostResourceArgs,
    opts: pulumi.CustomResourceOptions = {},
  ): VgpuManagerInstall {
    return new this(name, args, { ...opts, id });
  }
}
