import { isOtherMachine, isReimaged, otherMachine } from "../host/identity";
import { UserError } from "../model/errors";
import { nothing, plan } from "../plan";
import { expectedBy } from "./identity";
import type { Life } from "./life";
import { asItWas, maintenanceOf } from "./maintenance";
import { tellNotes } from "./notes";
import { driftOf, pendingOf } from "./pending";
import { type ReadResult, shown } from "./shown";
import type { State } from "./state";
import { inWords } from "./thrown";

/**
 * What the host has, against what the state says. When that cannot be told, whyever, the state stays, and the error is said
 * and not thrown: thrown, it would stop the whole program, with all other hosts.
 */
export async function refresh<A extends object>(life: Life<A>, id: string): Promise<ReadResult> {
  if (maintenanceOf(life.subject.last) !== undefined) return asItWas(id, life.subject.last);
  try {
    return await look(life, id);
  } catch (error) {
    return keep(life, id, life.reporter.scrub(inWords(error)));
  }
}

async function look<A extends object>({ kind, wanted, subject, host, reporter, ...life }: Life<A>, id: string): Promise<ReadResult> {
  const { last } = subject;
  const facts = await host.facts();
  const { identity } = facts.system;
  const expected = expectedBy(last);
  if (expected && isOtherMachine(expected, identity)) {
    throw new UserError({ ...otherMachine(life.connection.host, expected, identity).trouble, tried: "look at the host" });
  }
  if (expected && isReimaged(expected, identity)) reporter.tell("warning", "The machine is the same, but it was installed anew.");

  const sight = last.external ? kind.find(facts, id, wanted as State) : kind.see(facts, wanted, subject);
  if (!sight) {
    reporter.tell("warning", `${id} is gone from the host.`);
    return {};
  }
  const left = last.external ? nothing() : plan(facts, [kind.desire(wanted, subject)]);
  for (const sentence of driftOf(left)) reporter.tell("warning", sentence);
  tellNotes({ host, reporter }, left.notes.filter(({ lasting }) => !lasting));
  return shown(id, { from: last, last, facts, sight, pending: pendingOf(left), declared: last.external ? undefined : wanted });
}

function keep<A extends object>({ subject, reporter }: Life<A>, id: string, unreachable: string): ReadResult {
  reporter.tell("error", `could not be looked at, so what was known is kept: ${unreachable}`);
  return asItWas(id, { ...subject.last, unreachable });
}
