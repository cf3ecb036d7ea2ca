// What programs import from pulumi-nvidia-vgpu/native: the same classes, of which the resources are those of the native plugin.
import type * as pulumi from "@pulumi/pulumi";
import type {
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
}

export class MigEnablement extends dynamic.MigEnablement {
  constructor(name: string, args: MigEnablementArgs, opts?: pulumi.CustomResourceOptions) {
    super(name, asNative(args), opts);
  }
}

export class SriovEnablement extends dynamic.SriovEnablement {
  constructor(name: string, args: SriovEnablementArgs, opts?: pulumi.CustomResourceOptions) {
    super(name, asNative(args), opts);
  }
}

export class MdevVgpu extends dynamic.MdevVgpu {
  constructor(name: string, args: MdevVgpuArgs, opts?: pulumi.CustomResourceOptions) {
    super(name, asNative(args), opts);
  }
}

export class VgpuLayout extends dynamic.VgpuLayout {
  constructor(name: string, args: VgpuLayoutArgs, opts?: pulumi.CustomResourceOptions) {
    super(name, asNative(args), opts);
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
