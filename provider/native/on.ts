import { z } from "zod";
import { neverApplied } from "../lifecycle/imported";
import { unknownValue } from "../lifecycle/parse";
import type { State } from "../lifecycle/state";
import { connection } from "../model/connection";

/** The output of a resource by which others depend on it. */
export const HostReference = z.object({
  connection: connection.describe("How to reach the host."),
  appliedAt: z.string().optional().describe("When the resource was last applied with a change."),
});

/** Replaces `on` by the inputs of the core that it means. A connection that is given as well has priority. */
export function resolveOn({ on, ...given }: State): State {
  if (on === undefined || on === null) return given;
  if (typeof on !== "object") return { connection: unknownValue, ...given, dependencyAppliedAt: unknownValue };
  const { connection: login, appliedAt } = on as State;
  // The state of an import has no dependency, and a dependency that was imported, too, is no difference from that.
  const dependencyAppliedAt = appliedAt === neverApplied ? undefined : appliedAt;
  return { connection: login, ...given, dependencyAppliedAt };
}

/**
 * What a preview has as the time of a change that it plans. Not the placeholder for unknown values: Pulumi takes an object with one of
 * those as unknown, with its connection, and so there would be no plan for any resource that depends on a changed one.
 */
const afterChange = "after the planned change";

/** Returns the output for others. */
export function referenceOf({ connection: login, appliedAt }: State, { isPreview = false } = {}): State {
  const isKnown = appliedAt !== undefined && appliedAt !== unknownValue;
  return { connection: login, appliedAt: isPreview && !isKnown ? afterChange : appliedAt };
}
