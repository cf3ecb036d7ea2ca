import * as pulumi from "@pulumi/pulumi";
import type { ExistingVgpu } from "../lifecycle/kinds/outputs";
import { composeHost } from "../preview/desired-host";
import { componentTypes, layoutName } from "../preview/ownership";
import type { ConnectionArgs } from "../resources/connection";
import type { GpuSelectorArgs } from "../resources/gpu-selector";
import type { HostResource } from "../resources/host-resource";
import { SriovEnablement } from "../resources/sriov-enablement";
import type { NamedVgpuArgs, VgpuLayoutArgs } from "../resources/vgpu-layout";
import { VgpuLayout } from "../resources/vgpu-layout";
import type { VgpuManagerInstallArgs } from "../resources/vgpu-manager-install";
import { VgpuManagerInstall } from "../resources/vgpu-manager-install";
import { reportPreview } from "./preview";

/** A card of a host, and what it shall carry. */
export interface HostGpuArgs {
  /**
   * The physical GPU.
   *
   * @example { model: "L40S", index: 0 }
   */
  gpu: GpuSelectorArgs;
  /**
   * How many vGPUs of each type.
   *
   * @default none of ours: somebody else makes them
   * @example { "L40S-12Q": 4 }
   */
  vgpus?: Record<string, pulumi.Input<number>>;
  /**
   * vGPUs that have an identity of their own.
   *
   * @default none of ours
   */
  named?: Record<string, pulumi.Input<NamedVgpuArgs>>;
  /**
   * Its key before, when it got another one: its vGPUs stay. Can go after the next `up`.
   *
   * @default none
   */
  formerly?: string;
  /**
   * Whose vGPUs on the card become this stack's own where they are wanted: owners as errors print them, or `"unrecorded"`.
   *
   * @default nobody's
   * @example ["shop/dev#1f3a9c2d"]
   */
  takeOver?: string[];
}

/** One host, from its driver to the vGPUs of its cards. */
export interface VgpuHostArgs
  extends Pick<VgpuManagerInstallArgs, "reboot" | "rebootTimeout" | "iommu" | "prerequisites" | "dkms"> {
  /**
   * How to reach it.
   *
   * @example { host: "gpu01.example", user: "ops" }
   */
  connection: pulumi.Input<ConnectionArgs>;
  /**
   * The vGPU Manager that it shall have.
   *
   * @default the one that is there, whichever
   * @example { package: "./NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run" }
   */
  driver?: Pick<VgpuManagerInstallArgs, "package" | "sha256" | "version">;
  /**
   * Its cards, by a key of your own that stays when a card moves.
   *
   * @example { a: { match: { model: "L40S", index: 0 }, vgpus: { "L40S-12Q": 4 } } }
   */
  gpus: Record<string, HostGpuArgs>;
  /**
   * The name of this component before, when it got another one: all that it has stays. Can go after the next `up`.
   *
   * @default none
   */
  formerly?: string;
  /**
   * Why the host is left alone, in your words.
   *
   * @default none
   */
  maintenance?: string;
  /**
   * In a preview in which something of it is new, look at the host (read-only) and say what would be done there.
   *
   * @default true
   */
  previewHosts?: boolean;
}

/**
 * One KVM host: driver, virtual functions, and a layout for each card that is given vGPUs. Deleted, it keeps its driver and its
 * virtual functions, and those vGPUs that are in use.
 *
 * @example
 * new VgpuHost("gpu01", {
 *   connection: { host: "gpu01.example" },
 *   driver: { package: "./NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run" },
 *   reboot: "whenIdle",
 *   gpus: { a: { match: { model: "L40S" }, vgpus: { "L40S-12Q": 4 } } },
 * });
 */
export class VgpuHost extends pulumi.ComponentResource {
  /** Its driver, where one is wanted. */
  readonly driver?: VgpuManagerInstall;
  /** The virtual functions of its cards, where it has any. */
  readonly virtualFunctions?: SriovEnablement;
  /** The layouts of those cards that are given vGPUs, by the card's key. */
  readonly layouts: Readonly<Record<string, VgpuLayout>>;
  /** Its vGPUs, by the card's key and the name within the layout. */
  readonly vgpus: pulumi.Output<Record<string, Record<string, ExistingVgpu>>>;

  /** Passes `opts.dependsOn` on to all parts. */
  constructor(name: string, args: VgpuHostArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const names = formerNames(name, args.formerly);
    super(componentTypes.host, name, {}, pulumi.mergeOptions(opts, aliasesOf(names)));
    const { connection, maintenance } = args;
    const { driver, sriov, layouts } = composeHost(args);
    const options = { parent: this, dependsOn: opts.dependsOn, ...aliasesOf(names) };
    this.driver = driver && new VgpuManagerInstall(name, { maintenance, connection, ...driver }, options);
    const on = this.driver ? { on: this.driver } : { connection };
    this.virtualFunctions = sriov && new SriovEnablement(name, { maintenance, ...on, ...sriov }, options);
    const createLayout = (key: string, layout: Omit<VgpuLayoutArgs, "on" | "connection">) => {
      const keys = formerNames(key, args.gpus[key]!.formerly);
      const aliases = aliasesOf(names.flatMap((host) => keys.map((one) => layoutName(host, one))));
      const layoutArgs = { maintenance, on: this.virtualFunctions!, ...layout };
      return new VgpuLayout(layoutName(name, key), layoutArgs, { ...options, ...aliases });
    };
    this.layouts = Object.fromEntries(Object.entries(layouts).map(([key, layout]) => [key, createLayout(key, layout)]));
    const instances = Object.entries(this.layouts).map(([key, layout]) => [key, layout.instances]);
    this.vgpus = pulumi.output(Object.fromEntries(instances) as Record<string, VgpuLayout["instances"]>);
    this.registerOutputs({ vgpus: this.vgpus });
    if (args.previewHosts ?? true) reportPreview(this, { [name]: { args, host: this } });
  }

  /** All that it is made of, in their order. */
  get parts(): HostResource[] {
    return [this.driver, this.virtualFunctions, ...Object.values(this.layouts)].filter((part) => part !== undefined);
  }
}

const formerNames = (name: string, formerly: string | undefined): string[] =>
  formerly === undefined ? [name] : [name, formerly];

/** Of the names of one resource, the first of which is the one that it has now. */
const aliasesOf = ([, ...former]: string[]): { aliases?: pulumi.Alias[] } =>
  former.length > 0 ? { aliases: former.map((name) => ({ name })) } : {};
