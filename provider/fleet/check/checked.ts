import { type Member, membersOf } from "../members";
import { FleetFile } from "../schema/file";
import type { Fleet } from "../fleet";
import { sameAddress } from "./addresses";
import type { Fault } from "./fault";
import { takenNames } from "./former-names";
import { salvage } from "./salvage";
import { settled } from "./settled";
import { hidesHosts, namedTwice, outside, unknownCanaries } from "./whose";

interface Checked extends Partial<Omit<Fleet, "path">> {
  faults: Fault[];
}

/** What a file says, and all that is wrong with it. */
export function checked(data: unknown, offsetOf: (place: Pick<Fault, "path">) => number): Checked {
  const { value: file, faults: known } = salvage(FleetFile, data);
  if (!file) return { faults: known };
  const named = inOrder(membersOf(file), offsetOf);
  const members = [...new Map(named.map((member) => [member.name, member])).values()];
  const hosts = members.map((member) => settled(member, known));
  const settings = hosts.flatMap(({ settings }) => settings ?? []);
  return {
    hosts: settings,
    rollout: file.rollout && { canary: [], ...file.rollout },
    faults: [
      ...known,
      ...namedTwice(named),
      ...outside(file, named),
      ...(hidesHosts(known) ? [] : unknownCanaries(file, named)),
      ...hosts.flatMap(({ faults }) => faults),
      ...sameAddress(members, settings),
      ...takenNames(members, settings),
    ],
  };
}

const inOrder = (members: Member[], offsetOf: (place: Pick<Fault, "path">) => number): Member[] =>
  members
    .map((member) => ({ member, offset: offsetOf({ path: member.at }) }))
    .sort((a, b) => a.offset - b.offset)
    .map(({ member }) => member);
