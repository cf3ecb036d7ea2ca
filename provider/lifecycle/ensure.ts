import type { AppliedStep, Outcome } from "../host";
import { keptOf } from "./claim";
import { expectedBy } from "./identity";
import { providerKey } from "./inputs";
import type { Life } from "./life";
import { leaveAlone, maintenanceOf } from "./maintenance";
import { tellNotes } from "./notes";
import { PartialFailure } from "./partial-failure";
import { failureOf, pendingOf } from "./pending";
import { printable } from "./printable";
import type { State } from "./state";
import { stateOf } from "./state-of";
import { urnParts } from "./urn";

export interface Ensured {
  id: string;
  outs: State;
}

/** Create and update are the same: look, do what is missing, look again. */
export async function ensure<A extends object>(life: Life<A>, inputs: State, now: Date, existing?: string): Promise<Ensured> {
  const { kind, wanted, subject, connection, host, reporter } = life;
  const id = existing ?? kind.id(wanted, urnParts(subject.urn).name, connection.host);
  if (maintenanceOf(inputs) !== undefined) return { id, outs: leaveAlone(kind, inputs, subject.last, reporter) };
  const cargo = await kind.cargo?.(wanted);
  const outcome = await host.ensure({
    desire: kind.desire(wanted, subject, cargo),
    expecting: expectedBy(subject.last),
    upload: cargo && { from: cargo.from, to: cargo.to },
    rebootSeconds: kind.rebootSeconds?.(wanted),
    progress: (line) => reporter.progress(line),
  });
  tellNotes(life, outcome.remaining.notes);
  const failure = failureOf(outcome, "finish", connection.host);
  if (failure && !outcome.applied.some(isDone)) throw failure;
  const outs = outputsAfter(life, inputs, outcome, failure, now);
  if (!failure) return { id, outs };
  const reason = printable(reporter.scrub(failure.message)) || "It is not known why.";
  throw new PartialFailure(id, { ...outs, [providerKey]: inputs[providerKey] }, [reason]);
}

function outputsAfter<A extends object>(life: Life<A>, inputs: State, outcome: Outcome, failure: unknown, now: Date): State {
  const { kind, wanted, subject } = life;
  const sight = kind.see(outcome.facts, wanted, subject);
  return stateOf({
    from: inputs,
    declared: wanted,
    // After a failure, what is there and not what was wanted: so the next diff sees the difference.
    seen: failure && sight ? sight.arguments : wanted,
    outputs: sight?.outputs ?? {},
    facts: outcome.facts,
    last: subject.last,
    pending: pendingOf(outcome.remaining),
    generation: generationAfter(outcome.applied, subject.last, now),
    kept: keptOf(subject.claim),
  });
}

/** Whatever was done may have wiped what stands on it, so that has to look again. */
const generationAfter = (applied: AppliedStep[], last: State, now: Date): string =>
  applied.some(isDone) || typeof last.generation !== "string" ? now.toISOString() : last.generation;

const isDone = ({ result }: AppliedStep) => result === "done";
