import type { z } from "zod";
import { secretProperties } from "../../model/connection";
import type { Fleet } from "../fleet";
import type { HostEntry } from "../members";
import { hostEntries } from "../members";
import { originOf, plain } from "../merge";
import { FleetFile } from "../schema/file";
import { HostSettings } from "../schema/settings";
import { duplicateHosts, hidesHosts, sameAddress, takenNames, unknownCanaries, unknownOverrides } from "./hosts";
import type { FleetIssue, Path } from "./issues";
import { areRelated, issuesOf, issueText, removable, without } from "./issues";

// A part of one of these is another driver, GPU or secret.
const wholes: ReadonlySet<PropertyKey> = new Set(["driver", "gpu", ...secretProperties]);

/**
 * All that is wrong with a value, and what remains of it without that. Rules between properties wait until each of them is right;
 * so what is wrong is taken out and the rest is looked at again.
 */
export function validatePartially<T>(schema: z.ZodType<T>, given: unknown): { value?: T; faults: FleetIssue[] } {
  const faults: FleetIssue[] = [];
  for (let rest = given; ; ) {
    const { data, error } = schema.safeParse(rest, { error: issueText });
    if (!error) return { value: data, faults };
    const found = issuesOf(error.issues, schema, rest);
    faults.push(...found.filter(({ path }) => !faults.some((before) => areRelated(before.path, path))));
    const before = rest;
    const faulty = found.map(({ path }) => removable(before, upToWhole(path)));
    if (faulty.some((path) => path.length === 0)) return { faults };
    rest = faulty.reduce<unknown>(without, before);
  }
}

function upToWhole(path: Path): Path {
  const depth = path.findIndex((key) => wholes.has(key));
  return depth < 0 ? path : path.slice(0, depth + 1);
}

/** A host with all that the file says of it, and what is wrong with that as a whole. */
export function validateHost(
  { name, group, layers, merged }: HostEntry,
  known: FleetIssue[],
): { settings?: HostSettings; faults: FleetIssue[] } {
  const { value, faults } = validatePartially(HostSettings, { name, group, ...(plain(merged) as object) });
  const isNew = ({ path }: FleetIssue) =>
    !layers.some((layer) => known.some((before) => areRelated(before.path, [...layer, ...path])));
  return {
    settings: value,
    faults: faults.filter(isNew).map((fault) => ({ ...fault, path: originOf(merged, fault.path) })),
  };
}

interface Checked extends Partial<Omit<Fleet, "path">> {
  faults: FleetIssue[];
}

/** What a file message, and all that is wrong with it. */
export function validate(data: unknown, offsetOf: (place: Pick<FleetIssue, "path">) => number): Checked {
  const { value: file, faults: known } = validatePartially(FleetFile, data);
  if (!file) return { faults: known };
  const named = inOrder(hostEntries(file), offsetOf);
  const members = [...new Map(named.map((member) => [member.name, member])).values()];
  const hosts = members.map((member) => validateHost(member, known));
  const settings = hosts.flatMap(({ settings }) => settings ?? []);
  return {
    hosts: settings,
    rollout: file.rollout && { canary: [], ...file.rollout },
    faults: [
      ...known,
      ...duplicateHosts(named),
      ...unknownOverrides(file, named),
      ...(hidesHosts(known) ? [] : unknownCanaries(file, named)),
      ...hosts.flatMap(({ faults }) => faults),
      ...sameAddress(members, settings),
      ...takenNames(members, settings),
    ],
  };
}

const inOrder = (members: HostEntry[], offsetOf: (place: Pick<FleetIssue, "path">) => number): HostEntry[] =>
  members
    .map((member) => ({ member, offset: offsetOf({ path: member.at }) }))
    .sort((a, b) => a.offset - b.offset)
    .map(({ member }) => member);
