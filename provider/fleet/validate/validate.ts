import type { z } from "zod";
import { secretProperties } from "../../model/connection";
import type { HostEntry } from "../host-entries";
import { hostEntries } from "../host-entries";
import { originOf, toPlain } from "../merge";
import { FleetFile } from "../schema/file";
import { HostSettings } from "../schema/settings";
import {
  leavesHostsUnknown,
  noHosts,
  repeatedHosts,
  sharedAddresses,
  takenFormerNames,
  tooManyHosts,
  unknownCanaries,
  unknownOverrides,
} from "./hosts";
import type { FleetIssue, Path } from "./issues";
import { issueMessage, issuesOf, removablePath } from "./issues";
import { PathSet } from "./path-set";
import { prepare } from "./prepare";

// Removing one part of these would leave another driver, GPU or secret.
const replacedAsWhole: ReadonlySet<PropertyKey> = new Set(["driver", "gpu", ...secretProperties]);

/**
 * Validates a value and returns all issues, together with what is left without the wrong parts. zod checks the rules between
 * properties only when each property is right, so the wrong ones are removed and the remaining value is validated again.
 */
function validatePartially<T>(schema: z.ZodType<T>, given: unknown): { value?: T; issues: FleetIssue[] } {
  let issues: FleetIssue[] = [];
  const paths = new PathSet();
  let remaining = given;
  let result = schema.safeParse(remaining, { error: issueMessage });
  while (result.error) {
    const found = issuesOf(result.error.issues, schema, remaining);
    issues = issues.concat(found.filter(({ path }) => !paths.isRelatedTo(path)));
    for (const { path } of found) paths.add(path);
    const wrong = new PathSet(found.map(({ path }) => removablePath(remaining, cutAtWhole(path))));
    if (wrong.isWhole) return { issues };
    remaining = wrong.removeFrom(remaining);
    result = schema.safeParse(remaining, { error: issueMessage });
  }
  return { value: result.data, issues };
}

function cutAtWhole(path: Path): Path {
  const depth = path.findIndex((key) => replacedAsWhole.has(key));
  return depth < 0 ? path : path.slice(0, depth + 1);
}

/** Validates the merged settings of a host. Leaves out issues that its layers have on their own. */
function validateHost(
  { name, group, layers, merged }: HostEntry,
  known: PathSet,
): { settings?: HostSettings; issues: FleetIssue[] } {
  const { value, issues } = validatePartially(HostSettings, { name, group, ...(toPlain(merged) as object) });
  const isNew = ({ path }: FleetIssue) => !layers.some((layer) => known.isRelatedTo([...layer, ...path]));
  return {
    settings: value,
    issues: issues.filter(isNew).map((issue) => ({ ...issue, path: originOf(merged, issue.path) })),
  };
}

export interface Rollout {
  canary: string[];
  batch?: number;
}

interface ValidatedFleet {
  /** Missing if the file as a whole is wrong. */
  hosts?: HostSettings[];
  rollout?: Rollout;
  issues: FleetIssue[];
}

/** Returns the hosts of a file, and all issues. */
export function validate(data: unknown, offsetOf: (place: Pick<FleetIssue, "path">) => number): ValidatedFleet {
  const names: FleetIssue[] = [];
  const { value: file, issues } = validatePartially(FleetFile, prepare(FleetFile, data, names));
  const known = [...names, ...issues];
  if (!file) return { issues: known };
  const tooMany = tooManyHosts(file);
  if (tooMany) return { issues: [...known, tooMany] };
  const all = inFileOrder(hostEntries(file), offsetOf);
  const entries = [...new Map(all.map((entry) => [entry.name, entry])).values()];
  const wrong = new PathSet(known.map(({ path }) => path));
  const hosts = entries.map((entry) => validateHost(entry, wrong));
  const settings = hosts.flatMap((host) => host.settings ?? []);
  return {
    hosts: settings,
    rollout: file.rollout && { canary: [], ...file.rollout },
    issues: [
      ...known,
      ...repeatedHosts(all),
      ...unknownOverrides(file, all),
      ...(leavesHostsUnknown(known) ? [] : [...unknownCanaries(file, all), ...noHosts(file, all)]),
      ...hosts.flatMap(({ issues }) => issues),
      ...sharedAddresses(entries, settings),
      ...takenFormerNames(entries, settings),
    ],
  };
}

const inFileOrder = (entries: HostEntry[], offsetOf: (place: Pick<FleetIssue, "path">) => number): HostEntry[] =>
  entries
    .map((entry) => ({ entry, offset: offsetOf({ path: entry.at }) }))
    .sort((a, b) => a.offset - b.offset)
    .map(({ entry }) => entry);
