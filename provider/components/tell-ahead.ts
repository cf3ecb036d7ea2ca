import * as pulumi from "@pulumi/pulumi";
import { ownerOf } from "../lifecycle/owner";
import { lookAhead } from "../outlook/look-ahead";
import { inText } from "../outlook/telling";
import type { Whose } from "../outlook/whose";
import { failed } from "../resources/failed";
import { type DeclaredHost, declaredAs } from "./declared-host";
import { valueOf } from "./known";

/**
 * In a preview Pulumi creates nothing, so nobody would look at a host that is new. We do, read-only, and say in one message what
 * would be done and what stands in the way; that something does makes the preview fail, after all hosts are told.
 */
export function tellAhead(on: pulumi.ComponentResource, hosts: Record<string, DeclaredHost>, dialsAtOnce?: number): void {
  if (!pulumi.runtime.isDryRun() || Object.keys(hosts).length === 0) return;
  void tell(on, hosts, dialsAtOnce).catch((error: Error) => failed(`Looking ahead went wrong: ${error.stack}`, on));
}

async function tell(on: pulumi.ComponentResource, hosts: Record<string, DeclaredHost>, dialsAtOnce?: number): Promise<void> {
  const declared = await Promise.all(Object.entries(hosts).map(([name, one]) => declaredAs(name, one)));
  const toLookAt = declared.flatMap((one) => (one && "layouts" in one ? [one] : []));
  const untold = declared.flatMap((one) => (one && "is" in one ? [one] : []));
  if (toLookAt.length + untold.length === 0) return;
  const seen = await lookAhead(toLookAt, { whose: await whose(hosts), dialsAtOnce });
  const byName = new Map([...untold, ...seen].map((one) => [one.host, one]));
  const { text, isBlocked } = inText(Object.keys(hosts).flatMap((name) => byName.get(name) ?? []));
  if (isBlocked) failed(text, on);
  else await pulumi.log.info(text, on);
}

/** As their resources will be called: the owner is theirs, whatever stack the hosts speak of. */
async function whose(hosts: Record<string, DeclaredHost>): Promise<Whose> {
  const urns = new Map<string, string>();
  for (const [name, { host }] of Object.entries(hosts))
    for (const [card, layout] of Object.entries(host.layouts)) urns.set(`${name}/${card}`, await valueOf(layout.urn));
  const anyUrn = await valueOf(Object.values(hosts)[0]!.host.urn);
  return { owner: ownerOf(anyUrn), urnOfLayout: (host, card) => urns.get(`${host}/${card}`)! };
}
