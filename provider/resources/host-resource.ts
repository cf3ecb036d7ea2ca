import * as pulumi from "@pulumi/pulumi";
import { dynamicType, nativeType, urnOf } from "../lifecycle/engine/urn";
import type { Failure, HostIdentity } from "../lifecycle/kinds/outputs";
import type { ConnectionArgs } from "./connection";
import { markSecrets } from "./connection";
import { failIfBlocked, previewFolder } from "./planned-rows";
import { providerModule, warnIfProviderIsMissing } from "./provider-module";
import { formerNames, renameFormerOutputs } from "./pulumi-helpers";
import { isPreviewStrict, logFailure } from "./run-failure";
import { skipStackTraces } from "./stack-traces";

/** The host of a resource: by a connection, or by another resource on the same host. */
export interface HostResourceArgs {
  /**
   * How to reach the host. Either this or `on`.
   *
   * @default that of `on`
   * @example { host: "gpu01.example", user: "ops" }
   */
  connection?: pulumi.Input<ConnectionArgs>;
  /**
   * Resource this one depends on: the driver for virtual functions, virtual functions for vGPUs. Provides the connection and the
   * order. When it is re-applied, this resource is re-applied in the same `up`.
   *
   * @default none: then connection is required
   */
  on?: HostResource;
  /**
   * Reason for maintenance. While set, the host is neither read nor changed; pending changes are applied after it is removed.
   *
   * @default none
   * @example "DIMM, ticket 4711"
   */
  maintenance?: pulumi.Input<string>;
}

// Arguments, not outputs: in a preview an update makes outputs unknown, but the connection is known.
const connections = new WeakMap<HostResource, pulumi.Input<ConnectionArgs>>();

/** Inputs that components pass to the resources of a host; lifecycle/inputs.ts describes them. */
export interface HostInternals {
  __host?: string;
  __isolated?: true;
  __waitsFor?: Promise<string | undefined>;
  /** It is a resource of the native plugin: see native-sdk.ts. */
  __native?: true;
}

/** Base of all resources of this package. */
export abstract class HostResource extends pulumi.CustomResource {
  /** When it was last applied with a change. Resources that depend on it are applied again when this changes. */
  declare readonly appliedAt: pulumi.Output<string>;
  /** What is left to do, in sentences; empty if the host is in sync. */
  declare readonly pending: pulumi.Output<string[]>;
  /** The machine, identified by its hardware and its installation. */
  declare readonly identity: pulumi.Output<HostIdentity>;
  /** Why the last refresh could not read the host. */
  declare readonly unreachable: pulumi.Output<string | undefined>;
  /** Why the last `up` did not finish it. Only in a fleet, where an `up` continues on the other hosts. */
  declare readonly failure: pulumi.Output<Failure | undefined>;

  protected constructor(
    kind: string,
    name: string,
    args: HostResourceArgs,
    outputs: readonly string[],
    opts: pulumi.CustomResourceOptions,
  ) {
    const { __native: isNative, ...given } = args as HostResourceArgs & HostInternals;
    if (opts.import !== undefined && !isNative) throw new pulumi.RunError(`${kind} "${name}": ${notImported(kind)}`);
    const { on, connection: login, ...own } = given;
    if ((on === undefined) === (login === undefined)) {
      throw new pulumi.RunError(`${kind} "${name}": give either connection or on`);
    }
    const connection = on ? connections.get(on)! : markSecrets(login!);
    const type = isNative ? nativeType(kind) : dynamicType(kind);
    const names = [...common, ...outputs];
    const seeds = Object.fromEntries([...names, ...formerNames(names)].map((output) => [output, undefined]));
    skipStackTraces();
    super(
      type,
      name,
      {
        ...seeds,
        ...own,
        connection,
        dependencyAppliedAt: on?.appliedAt,
        __preview: previewFolder(),
        ...(isNative ? {} : { __urn: urn(name, type, opts.parent), __provider: providerText(kind) }),
      },
      pulumi.mergeOptions(opts, {
        dependsOn: on ? [on] : [],
        additionalSecretOutputs: ["connection"],
        // A state of the dynamic resource is taken over.
        aliases: isNative ? [{ type: dynamicType(kind) }] : [],
        // Also for --replace, for which the engine does not ask the provider: two resources cannot have one device.
        deleteBeforeReplace: opts.deleteBeforeReplace ?? true,
      }),
    );
    if (!isNative) warnIfProviderIsMissing();
    renameFormerOutputs(this);
    connections.set(this, connection);
    // A component reports the blockers of its parts.
    if (!isNative && !given.__host && args.maintenance === undefined) failIfBlocked(this);
    // A fleet reports all its hosts in one message.
    if (!given.__isolated) reportIfUnread(this, connection, args.maintenance);
  }
}

/** Without this check, Pulumi fails with a TypeError: it reads the import before it loads the code of a dynamic provider. */
const notImported = (kind: string) =>
  "the option import is not supported, because Pulumi cannot import dynamic resources. Remove it: up adopts what the host " +
  `already has, a vGPU by its uuid. To read it without managing it, use ${kind}.get`;

const common = ["appliedAt", "pending", "identity", "unreachable", "failure"];

/**
 * Returns the code of the provider that the engine stores: only its name, so a state never contains old code and each version
 * that is installed later can serve it. Must never change.
 */
const providerText = (kind: string) => `exports.handler = () => require("${providerModule}").${kind}`;

// A promise, not an output: a component that waits for its children would wait for this output, and this output for it.
const urn = (name: string, type: string, parent: pulumi.Resource | undefined): string | Promise<string> =>
  parent
    ? new Promise((resolve) => pulumi.createUrn(name, type, parent).apply(resolve))
    : urnOf({ stack: pulumi.getStack(), project: pulumi.getProject(), type, name });

const reportedHosts = new Set<string>();

/** A refresh that cannot read a host does not fail, so that other hosts continue, and warns. The run fails here instead, once for a host. */
function reportIfUnread(
  resource: HostResource,
  connection: pulumi.Input<ConnectionArgs>,
  maintenance: pulumi.Input<string> | undefined,
): void {
  if (pulumi.runtime.isDryRun() && !isPreviewStrict()) return;
  resource.unreachable.apply((reason) => {
    if (!reason) return;
    pulumi.all([maintenance, connection]).apply(([inMaintenance, { host }]) => {
      if (inMaintenance || reportedHosts.has(host)) return;
      reportedHosts.add(host);
      logFailure(
        `${host} could not be read, so nothing is changed there. The output \`unreachable\` has the reason.`,
        resource,
      );
    });
  });
}
