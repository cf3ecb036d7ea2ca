import type * as pulumi from "@pulumi/pulumi";
import type { FoundGpu } from "../lifecycle/kinds/outputs";
import { migrateGpu } from "../lifecycle/migrate";
import type { HostResourceArgs } from "./host-resource";
import { HostResource } from "./host-resource";

/** A package that the host has already. */
export interface PackageOnHost {
  /**
   * Its absolute path there.
   *
   * @example "/srv/NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run"
   */
  onHost: pulumi.Input<string>;
}

/** Containers do not forbid a reboot when the operator says so. */
export interface RebootWhenIdle {
  whenIdle: pulumi.Input<{
    /**
     * Containers that may be rebooted under: by name (Docker, Podman), id, systemd unit or slice, or command. `*` and `?` stand for
     * other text. Virtual machines always count.
     *
     * @example ["node-exporter", "kolla*", "kubepods*"]
     */
    exceptContainers: pulumi.Input<pulumi.Input<string>[]>;
  }>;
}

/** The driver that a host shall have. */
export interface VgpuManagerInstallArgs extends HostResourceArgs {
  /**
   * The vGPU Manager: a .run file beside the program, or one that the host has.
   *
   * @default none: nothing is installed, only required
   * @example "./NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run"
   */
  package?: pulumi.Input<string | PackageOnHost>;
  /**
   * SHA-256 of the package, in hexadecimal. Checked before anything is sent or run.
   *
   * @default not checked
   */
  sha256?: pulumi.Input<string>;
  /**
   * The version that shall be loaded.
   *
   * @default the one in the package's name
   * @example "550.163.02"
   */
  version?: pulumi.Input<string>;
  /**
   * Compiler, kernel headers, nouveau's blacklist, kernel command line: bring them, or only require them, because something
   * else owns packages and boot loader.
   *
   * @default "install"
   */
  prerequisites?: pulumi.Input<"install" | "require">;
  /**
   * Turn the IOMMU on by the kernel command line where it is off.
   *
   * @default false
   */
  iommu?: pulumi.Input<boolean>;
  /**
   * Have DKMS rebuild the modules for new kernels.
   *
   * @default what the installer of the branch does
   */
  dkms?: pulumi.Input<boolean>;
  /**
   * never: stop before a reboot, with an error that says what to do. whenIdle: reboot when no virtual machine, no container
   * and no package manager runs, and nobody forbids a shutdown (systemd-inhibit); the host looks again at the last moment.
   *
   * @default "never"
   * @example { whenIdle: { exceptContainers: ["node-exporter", "kolla*"] } }
   */
  reboot?: pulumi.Input<"never" | "whenIdle" | RebootWhenIdle>;
  /**
   * How many seconds the host may take to come back from a reboot.
   *
   * @default 1800 (30 minutes)
   */
  rebootTimeout?: pulumi.Input<number>;
  /**
   * What becomes of the driver when the resource is deleted.
   *
   * @default "keep"
   */
  onDelete?: pulumi.Input<"keep" | "uninstall">;
}

/**
 * NVIDIA's vGPU Manager on one host: installed, loaded, its services up. The wanted version is adopted where it is there
 * already. Another one is replaced when nothing is in use, and an error names the user when something is.
 *
 * @example
 * const driver = new VgpuManagerInstall("driver", {
 *   connection: { host: "gpu01.example" },
 *   package: "./NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run",
 *   reboot: "whenIdle",
 * });
 */
export class VgpuManagerInstall extends HostResource {
  /** The wanted version. */
  declare readonly version: pulumi.Output<string>;
  /** The version that the kernel runs now. */
  declare readonly loadedVersion: pulumi.Output<string | undefined>;
  /** The version that it would load; another one between an installation and the reboot behind it. */
  declare readonly installedVersion: pulumi.Output<string | undefined>;
  /** The running kernel. */
  declare readonly kernel: pulumi.Output<string>;
  /** The NVIDIA GPUs of the host. */
  declare readonly gpus: pulumi.Output<FoundGpu[]>;
  /** Something on the host waits for a reboot. */
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

  /** Reads the driver that a host has, without managing it. The id is any name for it. */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args: HostResourceArgs,
    opts: pulumi.CustomResourceOptions = {},
  ): VgpuManagerInstall {
    return new VgpuManagerInstall(name, args, { ...opts, id });
  }
}
