import { isUserError } from "../../model/errors";
import type { HostFacts } from "../../model/facts/host-facts";
import type { BlockerReason, Goal } from "../../plan";
import { resourceContext } from "../context";
import { isInFleet } from "../engine/urn";
import type { ProviderEnvironment } from "../environment";
import { goalToCompare } from "../imported";
import { connectionOf } from "../inputs";
import { maintenanceOf } from "../maintenance";
import { reportNotes } from "../notes";
import { isKnownWhole } from "../parse";
import { Reporter } from "../reporter";
import type { ResourceInstance, ResourceKind } from "../resource-kind";
import type { State } from "../state";
import type { RowPlan } from "./host-goals";
import { goalsOf } from "./host-goals";
import { writeRow } from "./plan-file";
import { rowMessage } from "./row-text";

/** A resource in a preview. */
export interface PreviewedResource {
  inputs: State;
  /** The last state; empty for a new resource. */
  last: State;
  /** The program reads the plans there. A program in another language does not. */
  folder?: string;
  /** `forcedReplace`: by an option of Pulumi, for which the engine does not tell the state. */
  change: "none" | "create" | "update" | "replace" | "forcedReplace";
}

/** The plan that is shown on a row, and the host for which it was made. */
export interface ShownPlan extends ReadHost {
  plan: RowPlan;
}

/**
 * Shows on the row of a resource what `up` would do for it on the host, and returns it. Plans from the facts that this process read
 * last, such as those of the refresh, and reads nothing. Returns undefined where nothing is planned.
 */
export async function showPlan<A extends object>(
  kind: ResourceKind<A>,
  environment: ProviderEnvironment,
  resource: PreviewedResource,
  newInstance: string,
  reporter: Reporter,
): Promise<ShownPlan | undefined> {
  const { inputs, last, change, folder } = resource;
  if (maintenanceOf(inputs) !== undefined) return undefined;
  if (change === "forcedReplace") {
    reporter.report("info", `replaced: ${afterReplacement(kind)}`);
    return undefined;
  }
  const unknown = ["connection", ...Object.keys(kind.schema.shape)].find((key) => !isKnownWhole(inputs[key]));
  const read = unknown === undefined ? lastRead(environment, resource) : undefined;
  if (!read) {
    if (change === "none") return undefined;
    if (unknown) reporter.report("info", `steps are not known: they depend on ${unknown}, which is not known yet`);
    else if (change !== "create") reportUnread(environment, last, reporter);
    return undefined;
  }
  const plan = await planOf(kind, environment, resource, newInstance, read, reporter);
  if (!plan) return undefined;
  // The engine shows the last message on the row.
  reportNotes({ host: read.host, reporter }, plan.notes);
  const urn = inputs.__urn as string;
  const { severity, lines } = rowMessage(plan, { isListed: isInFleet(urn) });
  reporter.reportLines(severity, change === "replace" ? [`replaced: ${lines[0]!}`, ...lines.slice(1)] : lines);
  if (folder !== undefined) writeRow(folder, urn, { plan, identity: read.facts.system.identity });
  return { ...read, plan };
}

/** Records the goal of a resource without changes, so that others on its host are planned with it. */
export function noteGoal<A extends object>(
  kind: ResourceKind<A>,
  environment: ProviderEnvironment,
  inputs: State,
  last: State,
): void {
  const isKnown = ["connection", ...Object.keys(kind.schema.shape)].every((key) => isKnownWhole(inputs[key]));
  if (maintenanceOf(inputs) !== undefined || !isKnown) return;
  const reporter = new Reporter(environment.sink, inputs.__urn, connectionOf(inputs));
  const { declared, resource, host } = resourceContext(kind, environment, inputs, last, reporter, "");
  goalsOf(host).add(resource.urn, () => goalToCompare(kind, declared, resource));
}

interface ReadHost {
  host: ReturnType<ProviderEnvironment["hostAt"]>;
  facts: HostFacts;
}

/** Returns the host as the refresh read it: through the connection of the state, where the program declares another one. */
function lastRead(environment: ProviderEnvironment, { inputs, last }: PreviewedResource): ReadHost | undefined {
  for (const from of [inputs, last]) {
    if (from.connection === undefined) continue;
    const host = environment.hostAt(connectionOf(from));
    const facts = host.lastFacts();
    if (facts) return { host, facts };
  }
  return undefined;
}

/** Returns undefined for a resource without changes, which is only part of the plans of others. */
async function planOf<A extends object>(
  kind: ResourceKind<A>,
  environment: ProviderEnvironment,
  { inputs, last, change }: PreviewedResource,
  newInstance: string,
  { host, facts }: ReadHost,
  reporter: Reporter,
): Promise<RowPlan | undefined> {
  const goals = goalsOf(host);
  const keeps = change === "replace" ? {} : last;
  const { declared, resource } = resourceContext(kind, environment, inputs, keeps, reporter, newInstance);
  goals.add(resource.urn, () =>
    change === "none" ? goalToCompare(kind, declared, resource) : kind.goal(declared, resource),
  );
  if (change === "none") return undefined;
  const removal = change === "replace" ? removalOf(kind, environment, last, reporter) : undefined;
  if (removal) goals.add(removal.key, () => removal);
  const file = await kind.upload?.(declared).catch(asBlocker);
  const isFile = file && !("hint" in file);
  if (isFile) goals.add(resource.urn, () => kind.goal(declared, resource, file));
  const keys = [...(removal ? [removal.key] : []), resource.urn];
  const plan = goals.planFor(keys, facts);
  return file && !isFile ? { ...plan, blockers: [{ ...file, requestedBy: keys }] } : plan;
}

/** Drivers and virtual functions stay, because the new resource has them too. */
const afterReplacement = <A extends object>({ devices }: ResourceKind<A>): string =>
  devices ? "what it has on the host stays" : "its vGPUs are removed, and created again";

/** Returns the goal of the delete that precedes the new resource. Drivers and virtual functions stay in a replacement. */
function removalOf<A extends object>(
  kind: ResourceKind<A>,
  environment: ProviderEnvironment,
  last: State,
  reporter: Reporter,
): Goal | undefined {
  const { declared, resource } = resourceContext(kind, environment, last, last, reporter, "");
  const replaced: ResourceInstance = { ...resource, urn: `${resource.urn} before its replacement` };
  return kind.goalOnDelete(declared, replaced, () => true);
}

/** Returns what is wrong with a local package as a blocker, as `up` would stop there. */
function asBlocker(error: unknown): BlockerReason {
  if (isUserError(error)) return { reason: error.message, hint: "" };
  throw error;
}

const withoutRefresh = new WeakSet<ProviderEnvironment>();

/** Reports why there are no steps. A preview without a refresh reads no host: reported once, for the first resource. */
function reportUnread(environment: ProviderEnvironment, last: State, reporter: Reporter): void {
  if (maintenanceOf(last) !== undefined)
    return reporter.report("info", "steps are not known: the host was in maintenance, so the refresh did not read it");
  if (last.unreachable !== undefined)
    return reporter.report("info", "steps are not known: the refresh could not read the host");
  if (withoutRefresh.has(environment)) return;
  withoutRefresh.add(environment);
  // With a changed configuration, the engine replaces the process that has read the hosts.
  reporter.report(
    "info",
    "steps are not known here: pulumi preview --refresh shows them, if the configuration of the stack is that of the last up",
  );
}
