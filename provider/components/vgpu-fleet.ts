import * as pulumi from "@pulumi/pulumi";
import { componentTypes } from "../lifecycle/engine/urn";
import type { ExistingVgpu } from "../lifecycle/kinds/outputs";
import type { HostInternals } from "../resources/host-resource";
import type { DeclaredHost } from "./declared-host";
import { asMember } from "./fleet-member";
import type { FleetHostArgs } from "./host-args";
import { loadFleet } from "./load-fleet";
import { reportHosts } from "./report";
import { VgpuHost } from "./vgpu-host";
import type { RolloutArgs } from "./waves";
import { waitForWave, wavesOf } from "./waves";

/** Many hosts: of a fleet file, or declared by the program. */
export interface VgpuFleetArgs {
  /**
   * The fleet file, relative to the folder of the program.
   *
   * @default none: then hosts is required
   * @example "fleet.yaml"
   */
  file?: string;
  /**
   * The hosts, by names that never change.
   *
   * @default the hosts of the file
   */
  hosts?: Record<string, FleetHostArgs>;
  /**
   * The waves in which hosts are changed. A wave starts when all hosts of the wave before it are in sync.
   *
   * @default the rollout of the file, or all at once
   * @example { canary: ["gpu01.example"], batch: 5 }
   */
  rollout?: RolloutArgs;
  /**
   * In a preview that creates resources, inspect their hosts (read-only) and print the planned steps.
   *
   * @default true
   */
  previewHosts?: boolean;
  /**
   * Maximum number of concurrent logins of such a preview.
   *
   * @default 16
   */
  maxConnections?: number;
}

/**
 * A fleet of KVM hosts with vGPUs. A host is identified by its name and a GPU by its key, so changes of order, groups and ranges
 * in the file change nothing on hosts.
 *
 * @example
 * new VgpuFleet("fleet", { file: "fleet.yaml" });
 */
export class VgpuFleet extends pulumi.ComponentResource {
  readonly hosts: Readonly<Record<string, VgpuHost>>;
  /** All vGPUs, by host, key of the GPU and name within the layout. */
  readonly vgpus: pulumi.Output<Record<string, Record<string, Record<string, ExistingVgpu>>>>;

  constructor(name: string, args: VgpuFleetArgs, opts: pulumi.ComponentResourceOptions = {}) {
    const { hosts, rollout } = declared(name, args);
    super(componentTypes.fleet, name, {}, opts);
    const { __native } = args as HostInternals;
    const made: Record<string, VgpuHost> = {};
    const all: Record<string, DeclaredHost> = {};
    let before: pulumi.Resource[] = [];
    let waitsFor: Promise<string | undefined> = Promise.resolve(undefined);
    for (const wave of wavesOf(Object.keys(hosts), rollout)) {
      for (const host of wave) {
        made[host] = this.host(host, { ...hosts[host]!, ...{ __native } }, before, waitsFor);
        all[host] = { args: hosts[host]!, host: made[host]!, waitsFor };
      }
      // The parts, not the components: Pulumi would wait for all children that a component will ever have.
      before = wave.flatMap((host) => made[host]!.parts);
      waitsFor = waitForWave(
        waitsFor,
        wave.map((host) => [host, all[host]!] as const),
        rollout,
      );
    }
    this.hosts = made;
    this.vgpus = pulumi.output(Object.fromEntries(Object.entries(made).map(([host, { vgpus }]) => [host, vgpus])));
    this.registerOutputs({ vgpus: this.vgpus });
    reportHosts(this, all, { inspectsNew: args.previewHosts ?? true, maxConnections: args.maxConnections });
  }

  private host(
    name: string,
    { protect, ...args }: FleetHostArgs,
    dependsOn: pulumi.Resource[],
    waitsFor: Promise<string | undefined>,
  ): VgpuHost {
    const member = asMember({ ...args, previewHosts: false }, { waitsFor });
    return new VgpuHost(name, member, { parent: this, protect, dependsOn });
  }
}

/** Reads and checks the whole file before anything is registered, because the engine stops at the first invalid resource. */
function declared(
  name: string,
  { file, hosts, rollout }: VgpuFleetArgs,
): { hosts: Record<string, FleetHostArgs>; rollout?: RolloutArgs } {
  if ((file === undefined) === (hosts === undefined))
    throw new pulumi.RunError(`VgpuFleet "${name}": specify either file or hosts`);
  if (hosts) return { hosts, rollout };
  const fleet = loadFleet(file!);
  return { ...fleet, rollout: rollout ?? fleet.rollout };
}
