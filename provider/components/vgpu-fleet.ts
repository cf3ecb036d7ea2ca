import * as pulumi from "@pulumi/pulumi";
import type { ExistingVgpu } from "../lifecycle/kinds/outputs";
import { componentTypes } from "../preview/ownership";
import { loadFleet } from "./load-fleet";
import { reportPreview } from "./preview";
import type { VgpuHostArgs } from "./vgpu-host";
import { VgpuHost } from "./vgpu-host";
import type { RolloutArgs } from "./waves";
import { wavesOf } from "./waves";

/** A host of a fleet. */
export interface FleetHostArgs extends Omit<VgpuHostArgs, "previewHosts"> {
  /**
   * Pulumi refuses to delete what is protected.
   *
   * @default false
   */
  protect?: boolean;
}

/** Many hosts: those of a fleet file, or those that the program declares. */
export interface VgpuFleetArgs {
  /**
   * The fleet file, looked up from the folder of the program.
   *
   * @default none: then give hosts
   * @example "fleet.yaml"
   */
  file?: string;
  /**
   * The hosts, by the names under which they are known for good.
   *
   * @default those of the file
   */
  hosts?: Record<string, FleetHostArgs>;
  /**
   * In which waves hosts are changed: a wave starts when all of the one before it is as declared.
   *
   * @default what the file says, else all at once
   * @example { canary: ["gpu01.example"], batch: 5 }
   */
  rollout?: RolloutArgs;
  /**
   * In a preview in which something is new, look at those hosts (read-only) and say what would be done there.
   *
   * @default true
   */
  previewHosts?: boolean;
  /**
   * How many connections such a preview opens at a time.
   *
   * @default 10
   */
  maxConnections?: number;
}

/**
 * A fleet of KVM hosts with vGPUs. A host is known by its name and a card by its key, so order, groups and ranges of the file can
 * change without anything else changing.
 *
 * @example
 * new VgpuFleet("fleet", { file: "fleet.yaml" });
 */
export class VgpuFleet extends pulumi.ComponentResource {
  readonly hosts: Readonly<Record<string, VgpuHost>>;
  /** All vGPUs, by host, card and name within the layout. */
  readonly vgpus: pulumi.Output<Record<string, Record<string, Record<string, ExistingVgpu>>>>;

  constructor(name: string, args: VgpuFleetArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const { hosts, rollout } = declared(name, args);
    super(componentTypes.fleet, name, {}, opts);
    const made: Record<string, VgpuHost> = {};
    let before: pulumi.Resource[] = [];
    for (const wave of wavesOf(Object.keys(hosts), rollout)) {
      for (const host of wave) made[host] = this.host(host, hosts[host]!, before);
      // Of the parts and not of the components: these would be waited for as a whole, with all that they will ever have.
      before = wave.flatMap((host) => made[host]!.parts);
    }
    this.hosts = made;
    this.vgpus = pulumi.output(Object.fromEntries(Object.entries(made).map(([host, { vgpus }]) => [host, vgpus])));
    this.registerOutputs({ vgpus: this.vgpus });
    if (args.previewHosts ?? true) {
      const all = Object.keys(hosts).map((host) => [host, { args: hosts[host]!, host: made[host]! }] as const);
      reportPreview(this, Object.fromEntries(all), args.maxConnections);
    }
  }

  private host(name: string, { protect, ...args }: FleetHostArgs, dependsOn: pulumi.Resource[]): VgpuHost {
    return new VgpuHost(name, { ...args, previewHosts: false }, { parent: this, protect, dependsOn });
  }
}

/** All of a file is checked before anything is registered: the engine stops at the first resource that is wrong. */
function declared(
  name: string,
  { file, hosts, rollout }: VgpuFleetArgs,
): { hosts: Record<string, FleetHostArgs>; rollout?: RolloutArgs } {
  if ((file === undefined) === (hosts === undefined))
    throw new pulumi.RunError(`VgpuFleet "${name}": give either file or hosts`);
  if (hosts) return { hosts, rollout };
  const fleet = loadFleet(file!);
  return { ...fleet, rollout: rollout ?? fleet.rollout };
}
