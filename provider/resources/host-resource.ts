import * as pulumi from "@pulumi/pulumi";
import type { HostIdentity } from "../lifecycle/kinds/outputs";
import type { ConnectionArgs } from "./connection";
import { markSecrets } from "./connection";
import { logFailure } from "./log-failure";
import { formerNames, renameFormerOutputs } from "./outputs";

/** Which host a resource is on: told by a connection, or by another resource that is there already. */
export interface HostResourceArgs {
  /**
   * How to reach the host. Either this or `on`.
   *
   * @default that of `on`
   * @example { host: "gpu01.example", user: "ops" }
   */
  connection?: pulumi.Input<ConnectionArgs>;
  /**
   * What this stands on: the driver below the virtual functions, these below a vGPU. It gives the connection and the order,
   * and when it is made anew, which wipes what is above it, this is put back in the same `up`.
   *
   * @default nothing: then give a connection
   */
  on?: HostResource;
  /**
   * Why the host is left alone, in your words. As long as it is given nothing there is looked at or changed, and what is declared
   * meanwhile waits.
   *
   * @default none
   * @example "DIMM, ticket 4711"
   */
  maintenance?: pulumi.Input<string>;
}

// The arguments, and not the outputs: an update makes outputs unknown in preview, and a connection is known before.
const connections = new WeakMap<HostResource, pulumi.Input<ConnectionArgs>>();

/** What every resource of this package has in common. */
export abstract class HostResource extends pulumi.CustomResource {
  /** When it was last made, or made anew. Whoever stands on it looks again when this changes. */
  declare readonly appliedAt: pulumi.Output<string>;
  /** What is still to be done, in sentences; empty when all is as declared. */
  declare readonly pending: pulumi.Output<string[]>;
  /** The machine, by its hardware and its installation. */
  declare readonly identity: pulumi.Output<HostIdentity>;
  /** Why the host could not be looked at when the state was last refreshed. */
  declare readonly unreachable: pulumi.Output<string | undefined>;

  protected constructor(
    kind: string,
    name: string,
    args: HostResourceArgs,
    outputs: readonly string[],
    opts: pulumi.CustomResourceOptions,
  ) {
    if (opts.import !== undefined) throw new pulumi.RunError(`${kind} "${name}": ${notImported(kind)}`);
    const { on, connection: given, ...own } = args;
    if ((on === undefined) === (given === undefined)) {
      throw new pulumi.RunError(`${kind} "${name}": give either connection or on`);
    }
    const connection = on ? connections.get(on)! : markSecrets(given!);
    const type = `pulumi-nodejs:dynamic/nvidia-vgpu:${kind}`;
    const names = [...common, ...outputs];
    const seeds = Object.fromEntries([...names, ...formerNames(names)].map((output) => [output, undefined]));
    super(
      type,
      name,
      {
        ...seeds,
        ...own,
        connection,
        dependencyAppliedAt: on?.appliedAt,
        __urn: urn(name, type, opts.parent),
        __provider: providerText(kind),
      },
      pulumi.mergeOptions(opts, {
        dependsOn: on ? [on] : [],
        additionalSecretOutputs: ["connection"],
        // Also for a replacement that the command line forces, of which the provider is not asked: two cannot have one device.
        deleteBeforeReplace: opts.deleteBeforeReplace ?? true,
      }),
    );
    renameFormerOutputs(this);
    connections.set(this, connection);
    pulumi
      .all([this.unreachable, args.maintenance])
      .apply(([reason, maintenance]) => reason && !maintenance && logFailure(notLookedAt, this));
  }
}

/** Pulumi would end in a TypeError: it asks a dynamic provider for what it imports before it knows that provider's code. */
const notImported = (kind: string) =>
  "the option import cannot be used, because Pulumi cannot import dynamic resources. Leave it out: up adopts what the host has as it is " +
  `declared, a vGPU by its uuid. To read it without managing it, use ${kind}.get`;

const common = ["appliedAt", "pending", "identity", "unreachable"];

/**
 * What the engine stores as the code of the provider: its name only. So state never holds old code, and every version that
 * is installed later serves it. Must never change.
 */
const providerText = (kind: string) => `exports.handler = () => require("pulumi-nvidia-vgpu/provider").${kind}`;

// Not as an output: an output of a component that waits for its children would wait for this one, and this one for it.
const urn = (name: string, type: string, parent: pulumi.Resource | undefined): Promise<string> =>
  new Promise((resolve) => pulumi.createUrn(name, type, parent).apply(resolve));

// A refresh that cannot look at a host says why and stops nobody else, so it is here that the run is made a failure.
const notLookedAt = "Its host could not be looked at, so nothing is planned for it; its output `unreachable` says why.";
