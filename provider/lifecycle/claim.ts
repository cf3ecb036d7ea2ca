import { sanitizeLine } from "../model/text";
import type { Claim } from "../plan";
import { urnParts } from "./engine/urn";
import type { State } from "./state";

/** Returns the claim of a resource. A state without an instance gets `otherwise`. */
export const claimOf = (urn: string, owner: string, last: State, otherwise: string): Claim => ({
  owner,
  instance: (last.instance as string | undefined) ?? otherwise,
  resource: formatResource(urn),
});

/** Formats a resource for messages: `VgpuLayout l`. */
export function formatResource(urn: string): string {
  const { type, name } = urnParts(urn);
  return sanitizeLine(`${type.split(/[:$/]/).at(-1)} ${name}`);
}

/** Returns the part of a claim that the state keeps. */
export const ownershipState = ({ owner, instance }: Claim): State => ({ owner, ...(instance && { instance }) });
