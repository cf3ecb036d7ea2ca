import { isUserError, UserError } from "../model/errors";
import { expectedBy } from "./identity";
import type { Life } from "./life";
import { tellNotes } from "./notes";
import { failureOf } from "./pending";

/** What deleting means is up to the kind; what is gone already is no error. */
export async function remove<A extends object>({ kind, wanted, subject, host, connection, reporter }: Life<A>): Promise<void> {
  const desire = kind.farewell(wanted, subject);
  if (!desire) return;
  const expecting = expectedBy(subject.last);
  const outcome = await host.ensure({ desire, expecting, progress: (line) => reporter.progress(line) }).catch((error: unknown) => {
    throw isUserError(error) ? withWayOut(error, subject.urn) : error;
  });
  tellNotes({ host, reporter }, outcome.remaining.notes);
  const failure = failureOf(outcome, "remove it", connection.host);
  if (failure) throw failure;
}

function withWayOut({ trouble }: UserError, urn: string): UserError {
  const wayOut = `If the host is gone for good, set retainOnDelete on the resource, or run: pulumi state delete '${urn}'`;
  return new UserError({ ...trouble, next: trouble.next ? `${trouble.next} ${wayOut}` : wayOut });
}
