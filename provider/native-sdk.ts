// What programs import from pulumi-nvidia-vgpu/native: the same classes, of which the resources are those of the native plugin.
import type * as pulumi from "@pulumi/pulumi";
import type {
  HostResourceArgs,
  MdevVgpuArgs,
  MigEnablementArgs,
  SriovEnablementArgs,
  VgpuFleetArgs,
  VgpuHostArgs,
  VgpuLayoutArgs,
  VgpuManagerInstallArgs,
} from "./index";
import * as dynamic from "./index";
import type { HostInternals } from "./resources/host-resource";

const asNative = <A extends object>(args: A): A & HostInternals => ({ ...args, __native: true });

export class VgpuManagerInstall extends dynamic.VgpuManagerInstall {
  constructor(name: string, args: VgpuManagerInstallArgs, opts?: pulumi.CustomResourceOptions) {
    super(name, asNative(args), opts);
  }

  static override get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args: HostResourceArgs,
    opts?: pulumi.CustomResourceOptions,
  ): VgpuManagerInstall {
    return new VgpuManagerInstall(name, args as VgpuManagerInstallArgs, { ...opts, id });
  }
}

export class MigEnablement extends dynamic.MigEnablement {
  constructor(name: string, args: MigEnablementArgs, opts?: pulumi.CustomResourceOptions) {
    super(name, asNative(args), opts);
  }

  static override get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args: HostResourceArgs,
    opts?: pulumi.CustomResourceOptions,
  ): MigEnablement {
    return new MigEnablement(name, args as MigEnablementArgs, { ...opts, id });
  }
}

export class SriovEnablement extends dynamic.SriovEnablement {
  constructor(name: string, args: SriovEnablementArgs, opts?: pulumi.CustomResourceOptions) {
    super(name, asNative(args), opts);
  }

  static override get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args: HostResourceArgs,
    opts?: pulumi.CustomResourceOptions,
  ): SriovEnablement {
    return new SriovEnablement(name, args as SriovEnablementArgs, { ...opts, id });
  }
}

export class MdevVgpu extends dynamic.MdevVgpu {
  constructor(name: string, args: MdevVgpuArgs, opts?: pulumi.CustomResourceOptions) {
    super(name, asNative(args), opts);
  }

  static override get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args: HostResourceArgs,
    opts?: pulumi.CustomResourceOptions,
  ): MdevVgpu {
    return new MdevVgpu(name, args as MdevVgpuArgs, { ...opts, id });
  }
}

export class VgpuLayout extends dynamic.VgpuLayout {
  constructor(name: string, args: VgpuLayoutArgs, opts?: pulumi.CustomResourceOptions) {
    super(name, asNative(args), opts);
  }

  static override get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    args: HostResourceArgs,
    opts?: pulumi.CustomResourceOptions,
  ): VgpuLayout {
    return new VgpuLayout(name, args as VgpuLayoutArgs, { ...opts, id });
  }
}

export class VgpuHost extends dynamic.VgpuHost {
  constructor(name: string, args: VgpuHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super(name, asNative(args), opts);
  }
}

export class VgpuFleet extends dynamic.VgpuFleet {
  constructor(name: string, args: VgpuFleetArgs, opts?: pulumi.ComponentResourceOptions) {
    super(name, asNative(args), opts);
  }
}
