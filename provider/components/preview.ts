import * as pulumi from "@pulumi/pulumi";
import { ownerOf } from "../lifecycle/engine/owner";
import { canonicalUrn, isInFleet } from "../lifecycle/engine/urn";
import type { PlannedRow } from "../lifecycle/rows/plan-file";
import { connection } from "../model/connection";
import { mergePlans } from "../plan";
import { composeHost } from "../preview/compose-host";
import type { DesiredHost } from "../preview/desired-host";
import { HostParts } from "../preview/desired-host";
import type { HostPreview } from "../preview/host-preview";
import type { Ownership } from "../preview/ownership";
import { previewHosts } from "../preview/preview-hosts";
import { plannedRow } from "../resources/planned-rows";
import { isOutputKnown, outputValue } from "../resources/pulumi-helpers";
import type { DeclaredHost } from "./declared-host";

/** Returns the name of the first part that is unknown. */
export async function firstUnknown(parts: Record<string, unknown>): Promise<string> {
  for (const [name, part] of Object.entries(parts)) if (!(await isOutputKnown(pulumi.output(part)))) return name;
  return "something";
}

/** Returns a host with new resources. undefined: none is new, or the engine will report invalid arguments. */
export async function desiredHost(
  name: string,
  { args, host }: DeclaredHost,
): Promise<DesiredHost | HostPreview | undefined> {
  const isKnown = await Promise.all(host.parts.map(({ appliedAt }) => isOutputKnown(appliedAt)));
  if (isKnown.every(Boolean) && args.maintenance === undefined) return undefined;
  const changed = host.parts.filter((_, i) => !isKnown[i]);
  const rows = await Promise.all(changed.map(plannedRow));
  if (args.maintenance === undefined && rows.every((row) => row !== undefined)) return hostOfRows(name, host.urn, rows);
  const { connection: login, driver, gpus, reboot, rebootTimeout, iommu, prerequisites, dkms, maintenance } = args;
  const given = pulumi.output({ connection: login, driver, gpus, reboot, rebootTimeout, iommu, prerequisites, dkms });
  if (!(await isOutputKnown(given)))
    return { host: name, status: "pending", waitingFor: await firstUnknown({ connection: login, driver, gpus }) };
  const { connection: known, ...declared } = await outputValue(given);
  const { data: parsed } = connection.safeParse(known);
  const { data: parts } = HostParts.safeParse(composeHost(declared));
  return parsed && parts && { host: name, connection: parsed, maintenance, ...parts };
}

/** Returns a host of which all changes are on the rows of its resources. A fleet lists it; of a single host only blockers are repeated. */
async function hostOfRows(
  host: string,
  urn: pulumi.Output<string>,
  rows: readonly PlannedRow[],
): Promise<HostPreview | undefined> {
  const plan = mergePlans(...rows.map((row) => row.plan));
  if (!isInFleet(await outputValue(urn)) && plan.blockers.length === 0) return undefined;
  return { host, status: "reachable", plan, identity: rows[0]!.identity };
}

/** Inspects hosts with new resources, read-only: Pulumi calls no provider for new resources in a preview. */
export async function inspectNewHosts(
  hosts: Record<string, DeclaredHost>,
  maxConnections: number | undefined,
): Promise<HostPreview[]> {
  const declared = await Promise.all(Object.entries(hosts).map(([name, one]) => desiredHost(name, one)));
  const toInspect = declared.flatMap((one) => (one && "layouts" in one ? [one] : []));
  const pending = declared.flatMap((one) => (one && "status" in one ? [one] : []));
  if (toInspect.length === 0) return pending;
  return [...pending, ...(await previewHosts(toInspect, { ownership: await programOwnership(hosts), maxConnections }))];
}

/** Returns owner and URNs of this program, which may differ from those in the records of the hosts. */
async function programOwnership(hosts: Record<string, DeclaredHost>): Promise<Ownership> {
  const urns = new Map<string, string>();
  for (const [name, { host }] of Object.entries(hosts))
    for (const [key, layout] of Object.entries(host.layouts))
      urns.set(`${name}/${key}`, canonicalUrn(await outputValue(layout.urn)));
  const anyUrn = await outputValue(Object.values(hosts)[0]!.host.urn);
  return { owner: ownerOf(anyUrn), urnOfLayout: (host, key) => urns.get(`${host}/${key}`)! };
}
