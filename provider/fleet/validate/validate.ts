import type { z } from "zod";
import { secretProperties } from "../../model/connection";
import type { HostEntry } from "../host-entries";
import { hostEntries } from "../host-entries";
import { originOf, toPlain } from "../merge";
import { FleetFile } from "../schema/file";
import { HostSettings } from "../schema/settings";
import {
  leavesHostsUnknown,
  repeatedHosts,
  sharedAddresses,
  takenFormerNames,
  unknownCanaries,
  unknownOverrides,
} from "./hosts";
import type { FleetIssue, Path } from "./issues";
import { areRelated, issueMessage, issuesOf, removablePath, without } from "./issues";

// Removing one part of these would leave another driver, GPU or secret.
const replacedAsWhole: ReadonlySet<PropertyKey> = new Set(["driver", "gpu", ...secretProperties]);

/**
 * Validates a value and returns all issues, together with what is left without the wrong parts. zod checks the rules between
 * properties only when each property is right, so the wrong ones are removed and the remaining value is validated again.
 */
function validatePartially<T>(schema: z.ZodType<T>, given: unknown): { value?: T; issues: FleetIssue[] } {
  const issues: FleetIssue[] = [];
  let remaining = given;
  let result = schema.safeParse(remaining, { error: issueMessage });
  while (result.error) {
    const found = issuesOf(result.error.issues, schema, remaining);
    issues.push(...found.filter((issue) => !isRelatedToAny(issue.path, issues)));
    const pruned = withoutIssues(remaining, found);
    if (pruned === undefined) return { issues };
    remaining = pruned;
    result = schema.safeParse(remaining, { error: issueMessage });
  }
  return { value: result.data, issues };
}

/** Returns undefined if the value as a whole is wrong. */
function withoutIssues(value: unknown, issues: FleetIssue[]): unknown {
  const paths = issues.map(({ path }) => removablePath(value, cutAtWhole(path)));
  return paths.some((path) => path.length === 0) ? undefined : paths.reduce(without, value);
}

const isRelatedToAny = (path: Path, issues: FleetIssue[]): boolean =>
  issues.some((issue) => areRelated(issue.path, path));

function cutAtWhole(path: Path): Path {
  const depth = path.findIndex((key) => replacedAsWhole.has(key));
  return depth < 0 ? path : path.slice(0, depth + 1);
}

/** Validates the merged settings of a host. Leaves out issues that its layers have on their own. */
function validateHost(
  { name, group, layers, merged }: HostEntry,
  known: FleetIssue[],
): { settings?: HostSettings; issues: FleetIssue[] } {
  const { value, issues } = validatePartially(HostSettings, { name, group, ...(toPlain(merged) as object) });
  const isNew = ({ path }: FleetIssue) => !layers.some((layer) => isRelatedToAny([...layer, ...path], known));
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
  const { value: file, issues: known } = validatePartially(FleetFile, data);
  if (!file) return { issues: known };
  const all = inFileOrder(hostEntries(file), offsetOf);
  const entries = [...new Map(all.map((entry) => [entry.name, entry])).values()];
  const hosts = entries.map((entry) => validateHost(entry, known));
  const settings = hosts.flatMap((host) => host.settings ?? []);
  return {
    hosts: settings,
    rollout: file.rollout && { canary: [], ...file.rollout },
    issues: [
      ...known,
      ...repeatedHosts(all),
      ...unknownOverrides(file, all),
      ...(leavesHostsUnknown(known) ? [] : unknownCanaries(file, all)),
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
