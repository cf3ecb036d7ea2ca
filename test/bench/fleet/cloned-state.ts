import { canonicalUrn } from "../../../provider/lifecycle/engine/urn";
import { firstInstance } from "../../../provider/lifecycle/instance";
import type { LightHost } from "./light-hosts";

interface Deployment {
  deployment: { resources: { urn: string }[] };
}

/**
 * Returns the state of a stack with many hosts, as `up` would write it, from the state of a stack with one of them. `up` itself takes
 * minutes for a thousand hosts, and is not what is measured. `up` writes resources in the order in which they end: the first resources of all
 * hosts, then those that wait for them. A refresh reads in this order, so it reads as many hosts at a time as `up` works on.
 */
export function cloneState(exported: string, from: LightHost, hosts: readonly LightHost[]): string {
  const state = JSON.parse(exported) as Deployment;
  const { resources } = state.deployment;
  const isOfHost = ({ urn }: { urn: string }) => urn.endsWith(`@${from.name}`);
  const clones = resources
    .filter(isOfHost)
    .flatMap((resource) =>
      hosts.map((host) => JSON.parse(cloneText(JSON.stringify(resource), resource.urn, from, host))),
    );
  state.deployment.resources = [...resources.filter((resource) => !isOfHost(resource)), ...clones];
  return JSON.stringify(state);
}

/** Replaces what differs between light hosts. */
function cloneText(resource: string, urn: string, from: LightHost, to: LightHost): string {
  const renamed = (text: string) => text.replaceAll(`@${from.name}`, `@${to.name}`);
  const replaced: [string, string][] = [
    [instanceOf(urn), instanceOf(renamed(urn))],
    [from.productUuid, to.productUuid],
    [from.machineId, to.machineId],
    // In names of ids, in properties, and in the text of a secret, where quotes are escaped.
    [`"${from.address}/`, `"${to.address}/`],
    [`"${from.address}"`, `"${to.address}"`],
    [`\\"${from.address}\\"`, `\\"${to.address}\\"`],
  ];
  return replaced.reduce((text, [before, after]) => text.replaceAll(before, after), renamed(resource));
}

/** Both providers have the same instance. */
const instanceOf = (urn: string) => firstInstance(canonicalUrn(urn));
