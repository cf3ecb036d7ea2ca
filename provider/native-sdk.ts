// What programs import from pulumi-nvidia-vgpu/native: the same classes, of which the resources are those of the native plugin.
import * as pulumi from "@pulumi/pulumi";
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
import type { ConnectionArgs } from "./resources/connection";
import type { HostInternals } from "./resources/host-resource";

/** What connections leave open, and how previews behave. */
export interface ProviderArgs extends Omit<ConnectionArgs, "host" | "hostKey"> {
  /**
   * In a preview, read the hosts of resources that are created or changed, and show their steps.
   *
   * @default true
   */
  previewHosts?: pulumi.Input<boolean>;
  /**
   * A preview fails if a host is unreachable, or a change is blocked.
   *
   * @default false
   */
  strictPreview?: pulumi.Input<boolean>;
}

/**
 * The native plugin with a configuration of its own, for the option `provider` of resources. Without it, they have the configuration of
 * the stack.
 *
 * @example
 * const lab = new Provider("lab", { user: "ops", privateKeyPath: "~/.ssh/lab" });
 * new SriovEnablement("sriov", { connection: { host: "gpu01.lab" }, gpus: "all" }, { provider: lab });
 */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs = {}, opts?: pulumi.ResourceOptions) {
    const { password, privateKey, privateKeyPassword, ...plain } = args;
    const asText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
    // The engine gives the configuration of a provider as text.
    const textOf = (value: unknown) => (pulumi.output(value) as pulumi.Output<unknown>).apply(asText);
    const texts = Object.entries(plain).map(([key, value]) => [key, value === undefined ? undefined : textOf(value)]);
    const secrets = Object.entries({ password, privateKey, privateKeyPassword });
    const marked = secrets.map(([key, value]) => [key, value === undefined ? undefined : pulumi.secret(value)]);
    super("nvidia-vgpu", name, Object.fromEntries([...texts, ...marked]) as pulumi.Inputs, opts);
  }
}

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
