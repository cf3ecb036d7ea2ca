import type { VgpuHostArgs } from "./host-args";

/** What a fleet tells a host of it. */
export interface FleetMember {
  waitsFor: Promise<string | undefined>;
}

const members = new WeakMap<VgpuHostArgs, FleetMember>();

/** Marks the arguments of a host as those of a fleet's member. */
export function asMember<A extends VgpuHostArgs>(args: A, member: FleetMember): A {
  members.set(args, member);
  return args;
}

export const memberOf = (args: VgpuHostArgs): FleetMember | undefined => members.get(args);
