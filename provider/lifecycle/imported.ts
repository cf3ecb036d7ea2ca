import type { Goal } from "../plan";
import type { ResourceInstance, ResourceKind } from "./resource-kind";

/**
 * Returns the goal of a resource to which nothing is applied now. An import changes nothing on the host, so vGPUs may lack a record
 * after it: that alone is no difference. The next change writes the records, too.
 */
export const goalToCompare = <A extends object>(kind: ResourceKind<A>, declared: A, resource: ResourceInstance): Goal =>
  asImported(kind.goal(declared, resource), resource);

/** Marks the goal of a resource that was imported, and not applied since. */
export const asImported = <G extends Goal>(goal: G, { last }: Pick<ResourceInstance, "last">): G =>
  goal.kind === "vgpus" && last.imported === true ? { ...goal, isImported: true } : goal;

/** The `appliedAt` of a resource that was imported: this package has applied nothing to it yet. */
export const neverApplied = new Date(0).toISOString();
