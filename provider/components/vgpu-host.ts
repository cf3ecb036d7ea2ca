import * as pulumi from "@pulumi/pulumi";
import { componentTypes } from "../lifecycle/engine/urn";
import type { ExistingVgpu } from "../lifecycle/kinds/outputs";
import { composeHost } from "../preview/compose-host";
import { layoutName } from "../preview/ownership";
import type { HostInternals, HostResource } from "../resources/host-resource";
import { MigEnablement } from "../resources/mig-enablement";
import { SriovEnablement } from "../resources/sriov-enablement";
import type { VgpuLayoutArgs } from "../resources/vgpu-layout";
import { VgpuLayout } from "../resources/vgpu-layout";
import { VgpuManagerInstall } from "../resources/vgpu-manager-install";
import { memberOf } from "./fleet-member";
import type { VgpuHostArgs } from "./host-args";
import { troubleOf } from "./host-status";
import { reportHosts } from "./report";

/**
 * One KVM host: driver, MIG mode, virtual functions, and a layout for each GPU with vGPUs. A delete keeps the driver, the virtual
 * functions, and vGPUs that are in use.
 *
 * @example
 * new VgpuHost("gpu01", {
 *   connection: { host: "gpu01.example" },
 *   driver: { package: "./NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run" },
 *   reboot: "whenIdle",
 *   gpus: { a: { gpu: { model: "L40S" }, vgpus: { "L40S-12Q": 4 } } },
 * });
 */
export class VgpuHost extends pulumi.ComponentResource {
  /** The driver, if one is declared. */
  readonly driver?: VgpuManagerInstall;
  /** MIG mode, if GPUs are declared that support it. */
  readonly migMode?: MigEnablement;
  /** The virtual functions, if the host has GPUs. */
  readonly virtualFunctions?: SriovEnablement;
  /** The layouts of GPUs with vGPUs, by the key of the GPU. */
  readonly layouts: Readonly<Record<string, VgpuLayout>>;
  /** Its vGPUs, by the key of the GPU and the name within the layout. */
  readonly vgpus: pulumi.Output<Record<string, Record<string, ExistingVgpu>>>;

  /** Passes `opts.dependsOn` on to all parts. */
  constructor(name: string, args: VgpuHostArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const names = formerNames(name, args.formerly);
    super(componentTypes.host, name, {}, pulumi.mergeOptions(opts, aliasesOf(names)));
    const { connection, maintenance } = args;
    const { driver, mig, sriov, layouts } = composeHost(args);
    const options = { parent: this, dependsOn: opts.dependsOn, ...aliasesOf(names) };
    const internals = (on?: HostResource): HostInternals => internalsOf(name, args, on);
    this.driver =
      driver && new VgpuManagerInstall(name, { maintenance, connection, ...driver, ...internals() }, options);
    const after = (first: HostResource | undefined) => ({
      maintenance,
      ...(first ? { on: first } : { connection }),
      ...internals(first),
    });
    this.migMode = mig && new MigEnablement(name, { ...mig, ...after(this.driver) }, options);
    this.virtualFunctions =
      sriov && new SriovEnablement(name, { ...sriov, ...after(this.migMode ?? this.driver) }, options);
    const createLayout = (key: string, layout: Omit<VgpuLayoutArgs, "on" | "connection">) => {
      const keys = formerNames(key, args.gpus[key]!.formerly);
      const aliases = aliasesOf(names.flatMap((host) => keys.map((one) => layoutName(host, one))));
      const layoutArgs = { maintenance, on: this.virtualFunctions!, ...layout, ...internals(this.virtualFunctions) };
      return new VgpuLayout(layoutName(name, key), layoutArgs, { ...options, ...aliases });
    };
    this.layouts = Object.fromEntries(Object.entries(layouts).map(([key, layout]) => [key, createLayout(key, layout)]));
    const instances = Object.entries(this.layouts).map(([key, layout]) => [key, layout.instances]);
    this.vgpus = pulumi.output(Object.fromEntries(instances) as Record<string, VgpuLayout["instances"]>);
    this.registerOutputs({ vgpus: this.vgpus });
    const inspectsNew = args.previewHosts ?? true;
    if (inspectsNew && pulumi.runtime.isDryRun()) reportHosts(this, { [name]: { args, host: this } }, { inspectsNew });
  }

  /** Returns all its resources, in the order of their dependencies. */
  get parts(): HostResource[] {
    return [this.driver, this.migMode, this.virtualFunctions, ...Object.values(this.layouts)].filter(
      (part) => part !== undefined,
    );
  }
}

/** In a fleet, a resource waits for those that come first, and fails alone. Elsewhere the engine stops at a failure. */
function internalsOf(name: string, args: VgpuHostArgs, on: HostResource | undefined): HostInternals {
  const member = memberOf(args);
  const { __native } = args as HostInternals;
  if (!member) return { __host: name, __native };
  const waitsForOther = async (): Promise<string | undefined> => {
    const trouble = on && args.maintenance === undefined ? await troubleOf([on]) : undefined;
    return trouble && trouble !== "waiting" ? `other resources of ${name}` : undefined;
  };
  return {
    __host: name,
    __isolated: true,
    __native,
    __waitsFor: member.waitsFor.then((name) => name ?? waitsForOther()),
  };
}

const formerNames = (name: string, formerly: string | undefined): string[] =>
  formerly === undefined ? [name] : [name, formerly];

/** Returns aliases for all names but the first, which is the current one. */
const aliasesOf = ([, ...former]: string[]): { aliases?: pulumi.Alias[] } =>
  former.length > 0 ? { aliases: former.map((name) => ({ name })) } : {};
