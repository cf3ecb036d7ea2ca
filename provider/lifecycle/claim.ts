import type { Claim } from "../plan";
import { oneLine } from "./printable";
import type { State } from "./state";
import { urnParts } from "./urn";

/** As the state has it; the instance is another one for what is new, and unknown in a state of 0.1 that is only read. */
export const claimOf = (urn: string, owner: string, last: State, otherwise: string): Claim => ({
  owner,
  instance: (last.instance as string | undefined) ?? otherwise,
  resource: resourceInWords(urn),
});

/** `VgpuLayout l` */
export function resourceInWords(urn: string): string {
  const { type, name } = urnParts(urn);
  return oneLine(`${type.split(/[:$/]/).at(-1)} ${name}`);
}

/** What the state keeps of it. */
export const keptOf = ({ owner, instance }: Claim): State => ({ owner, ...(instance && { instance }) });
