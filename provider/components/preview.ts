import * as pulumi from "@pulumi/pulumi";
import { ownerOf } from "../lifecycle/engine/owner";
import { connection } from "../model/connection";
import type { DesiredHost } from "../preview/desired-host";
import { composeHost, HostParts } from "../preview/desired-host";
import type { HostPreview } from "../preview/host-preview";
import type { Ownership } from "../preview/ownership";
import { previewHosts } from "../preview/preview-hosts";
import { previewText } from "../report";
import { logFailure } from "../resources/log-failure";
import { isOutputKnown, outputValue } from "../resources/outputs";
import type { VgpuHost, VgpuHostArgs } from "./vgpu-host";

/** The name of the first part that is not known yet. */
export async function firstUnknown(parts: Record<string, unknown>): Promise<string> {
  for (const [name, part] of Object.entries(parts)) if (!(await isOutputKnown(pulumi.output(part)))) return name;
  return "something";
}

/** A host as the program declares it, and what was registered for it. */
export interface DeclaredHost {
  args: VgpuHostArgs;
  host: VgpuHost;
}

/** What is wanted of a host on which something is new; undefined: nothing is, or the engine will say what is wrong with it. */
export async function desiredHost(
  name: string,
  { args, host }: DeclaredHost,
): Promise<DesiredHost | HostPreview | undefined> {
  const news = await Promise.all(host.parts.map(({ appliedAt }) => isOutputKnown(appliedAt)));
  if (news.every(Boolean) && args.maintenance === undefined) return undefined;
  const { connection: reached, driver, gpus, reboot, rebootTimeout, iommu, prerequisites, dkms, maintenance } = args;
  const given = pulumi.output({ connection: reached, driver, gpus, reboot, rebootTimeout, iommu, prerequisites, dkms });
  if (!(await isOutputKnown(given)))
    return { host: name, status: "pending", waitingFor: await firstUnknown({ connection: reached, driver, gpus }) };
  const { connection: known, ...declared } = await outputValue(given);
  const { data: login } = connection.safeParse(known);
  const { data: parts } = HostParts.safeParse(composeHost(declared));
  return login && parts && { host: name, connection: login, maintenance, ...parts };
}

/**
 * In a preview Pulumi creates nothing, so nobody would look at a host that is new. We do, read-only, and say in one message what
 * would be done and what stands in the way; that something does makes the preview fail, after all hosts are told.
 */
export function reportPreview(
  on: pulumi.ComponentResource,
  hosts: Record<string, DeclaredHost>,
  maxConnections?: number,
): void {
  if (!pulumi.runtime.isDryRun() || Object.keys(hosts).length === 0) return;
  void reportHosts(on, hosts, maxConnections).catch((error: Error) =>
    logFailure(`Looking ahead went wrong: ${error.stack}`, on),
  );
}

async function reportHosts(
  on: pulumi.ComponentResource,
  hosts: Record<string, DeclaredHost>,
  maxConnections?: number,
): Promise<void> {
  const declared = await Promise.all(Object.entries(hosts).map(([name, one]) => desiredHost(name, one)));
  const toLookAt = declared.flatMap((one) => (one && "layouts" in one ? [one] : []));
  const untold = declared.flatMap((one) => (one && "status" in one ? [one] : []));
  if (toLookAt.length + untold.length === 0) return;
  const seen = await previewHosts(toLookAt, { ownership: await programOwnership(hosts), maxConnections });
  const byName = new Map([...untold, ...seen].map((one) => [one.host, one]));
  const { text, isBlocked } = previewText(Object.keys(hosts).flatMap((name) => byName.get(name) ?? []));
  if (isBlocked) logFailure(text, on);
  else await pulumi.log.info(text, on);
}

/** As their resources will be called: the owner is theirs, whatever stack the hosts speak of. */
async function programOwnership(hosts: Record<string, DeclaredHost>): Promise<Ownership> {
  const urns = new Map<string, string>();
  for (const [name, { host }] of Object.entries(hosts))
    for (const [card, layout] of Object.entries(host.layouts))
      urns.set(`${name}/${card}`, await outputValue(layout.urn));
  const anyUrn = await outputValue(Object.values(hosts)[0]!.host.urn);
  return { owner: ownerOf(anyUrn), urnOfLayout: (host, card) => urns.get(`${host}/${card}`)! };
}
