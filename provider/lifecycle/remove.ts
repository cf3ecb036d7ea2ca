import { isUserError, UserError } from "../model/errors";
import { vgpusLeftBehind } from "../plan/vgpu";
import { formatResource } from "./claim";
import type { ResourceContext } from "./context";
import { expectedIdentity } from "./identity";
import { maintenanceOf } from "./maintenance";
import { reportNotes } from "./notes";
import { failureOf } from "./pending";
import type { ResourceRegistry } from "./registry";
import type { ResourceInstance, ResourceKind } from "./resource-kind";
import type { State } from "./state";

/** Deletes a resource. What is missing is no error, and devices that another resource of this run has stay. */
export async function remove<A extends object>(
  { kind, declared, resource, host, connection, reporter, signal }: ResourceContext<A>,
  registry: ResourceRegistry,
): Promise<void> {
  if (!kind.goalOnDelete(declared, resource, () => false)) return;
  const reason = maintenanceOf(resource.last);
  if (reason !== undefined) {
    reporter.report("warning", `is in maintenance (${reason}), so it only leaves the state. On the host it stays.`);
    return;
  }
  const needed = neededBy(kind, resource.last, registry);
  for (const [device, urn] of needed)
    reporter.report("warning", `keeps ${device}, because ${formatResource(urn)} has it too.`);
  const goal = kind.goalOnDelete(declared, resource, (device) => needed.has(device));
  if (!goal) return;
  const outcome = await host
    .ensure({
      goal,
      expectedIdentity: expectedIdentity(resource.last),
      progress: (line) => reporter.progress(line),
      signal,
    })
    .catch((error: unknown) => {
      throw isUserError(error) ? withHint(error, resource) : error;
    });
  const left = goal.kind === "vgpus" ? vgpusLeftBehind(outcome.found, outcome.facts, goal) : [];
  for (const { message } of left) reporter.report("warning", message);
  reportNotes(
    { host, reporter },
    outcome.remaining.notes.filter(({ device }) => !left.some((one) => one.device === device)),
  );
  const failure = failureOf(outcome, "remove it", connection.host);
  if (failure) throw failure;
}

/** Returns the devices that another resource has, too, such as the replacement, with the URN of that resource. */
function neededBy<A extends object>(
  { devices }: ResourceKind<A>,
  last: State,
  registry: ResourceRegistry,
): Map<string, string> {
  const mine = devices?.(last) ?? [];
  if (registry.isDeclared(last)) return new Map(mine.map((device) => [device, last.__urn as string]));
  const theirs = registry
    .sameMachine(last)
    .flatMap((other) => (devices?.(other) ?? []).map((device) => [device, other.__urn as string] as const));
  return new Map(theirs.filter(([device]) => mine.includes(device)));
}

function withHint({ details }: UserError, { urn, last }: ResourceInstance): UserError {
  const advice =
    typeof last.__host === "string"
      ? `If the host no longer exists, declare ${last.__host} again with a reason for maintenance, run pulumi up, and remove it again: then it leaves the state without a connection.`
      : `If the host no longer exists, set retainOnDelete on the resource, or run: pulumi state delete '${urn}'`;
  return new UserError({ ...details, hint: details.hint ? `${details.hint} ${advice}` : advice });
}
