import { isUserError, UserError } from "../model/errors";
import { leftBehind } from "../plan/vgpu";
import { resourceInWords } from "./claim";
import { expectedBy } from "./identity";
import type { Life } from "./life";
import type { Living } from "./living";
import { tellNotes } from "./notes";
import { failureOf } from "./pending";
import type { ResourceKind } from "./resource-kind";
import type { State } from "./state";

/** What deleting means is up to the kind; what is gone already is no error, and what another resource of this run has stays. */
export async function remove<A extends object>({ kind, wanted, subject, host, connection, reporter }: Life<A>, living: Living): Promise<void> {
  if (!kind.farewell(wanted, subject, () => false)) return;
  const needed = neededBy(kind, subject.last, living);
  for (const [device, urn] of needed) reporter.tell("warning", `leaves ${device} as it is, because ${resourceInWords(urn)} has it too.`);
  const desire = kind.farewell(wanted, subject, (device) => needed.has(device));
  if (!desire) return;
  const expecting = expectedBy(subject.last);
  const outcome = await host.ensure({ desire, expecting, progress: (line) => reporter.progress(line) }).catch((error: unknown) => {
    throw isUserError(error) ? withWayOut(error, subject.urn) : error;
  });
  const left = desire.kind === "card" ? leftBehind(outcome.found, outcome.facts, desire) : [];
  for (const { says } of left) reporter.tell("warning", says);
  tellNotes({ host, reporter }, outcome.remaining.notes.filter(({ device }) => !left.some((one) => one.device === device)));
  const failure = failureOf(outcome, "remove it", connection.host);
  if (failure) throw failure;
}

/** Devices with the URN of the resource that has them, too: its replacement, or another one. */
function neededBy<A extends object>({ devices }: ResourceKind<A>, last: State, living: Living): Map<string, string> {
  const mine = devices?.(last) ?? [];
  if (living.isDeclared(last)) return new Map(mine.map((device) => [device, last.__urn as string]));
  const theirs = living.besides(last).flatMap((other) => (devices?.(other) ?? []).map((device) => [device, other.__urn as string] as const));
  return new Map(theirs.filter(([device]) => mine.includes(device)));
}

function withWayOut({ trouble }: UserError, urn: string): UserError {
  const wayOut = `If the host is gone for good, set retainOnDelete on the resource, or run: pulumi state delete '${urn}'`;
  return new UserError({ ...trouble, next: trouble.next ? `${trouble.next} ${wayOut}` : wayOut });
}
