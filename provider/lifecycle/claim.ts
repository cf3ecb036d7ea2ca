import { sanitizeLine } from "../model/text";
import type { Claim } from "../plan";
import { urnParts } from "./engine/urn";
import type { State } from "./state";

/** As the state has it; the instance is another one for what is new, and unknown in a state of 0.1 that is only read. */
export const claimOf = (urn: string, owner: string, last: State, otherwise: string): Claim => ({
  owner,
  instance: (last.instance as string | undefined) ?? otherwise,
  resource: formatResource(urn),
});

/** `VgpuLayout l` */
export function formatResource(urn: string): string {
  const { type, name } = urnParts(urn);
  return sanitizeLine(`${type.split(/[:$/]/).at(-1)} ${name}`);
}

/** What the state keeps of it. */
export const ownershipState = ({ owner, instance }: Claim): State => ({ owner, ...(instance && { instance }) });
