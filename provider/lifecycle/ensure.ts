import type { AppliedStep, Outcome } from "../host";
import { sanitize } from "../model/text";
import { buildState } from "./build-state";
import { ownershipState } from "./claim";
import type { ResourceContext } from "./context";
import { PartialFailure } from "./engine/errors";
import { urnParts } from "./engine/urn";
import { expectedIdentity } from "./identity";
import { providerKey } from "./inputs";
import { maintenanceOf, maintenanceState } from "./maintenance";
import { reportNotes } from "./notes";
import { failureOf, pendingOf } from "./pending";
import type { State } from "./state";

export interface Ensured {
  id: string;
  outs: State;
}

/** Creates or updates a resource: inspects the host, applies what is missing, inspects again. */
export async function ensure<A extends object>(
  context: ResourceContext<A>,
  inputs: State,
  now: Date,
  existing?: string,
): Promise<Ensured> {
  const { kind, declared, resource, connection, host, reporter } = context;
  const id = existing ?? kind.id(declared, urnParts(resource.urn).name, connection.host);
  if (maintenanceOf(inputs) !== undefined) return { id, outs: maintenanceState(kind, inputs, resource.last, reporter) };
  const file = await kind.upload?.(declared);
  const outcome = await host.ensure({
    goal: kind.goal(declared, resource, file),
    expectedIdentity: expectedIdentity(resource.last),
    refuse: context.refuse,
    upload: file && { from: file.from, to: file.to },
    rebootSeconds: kind.rebootSeconds?.(declared),
    progress: (line) => reporter.progress(line),
    signal: context.signal,
  });
  reportNotes(context, outcome.remaining.notes);
  const failure = failureOf(outcome, "finish", connection.host);
  if (failure && !outcome.applied.some(isDone)) throw failure;
  const outs = outputsAfter(context, inputs, outcome, failure, now);
  if (!failure) return { id, outs };
  const reason = sanitize(reporter.redact(failure.message)) || "The cause is unknown.";
  throw new PartialFailure(id, { ...outs, [providerKey]: inputs[providerKey] }, [reason]);
}

function outputsAfter<A extends object>(
  context: ResourceContext<A>,
  inputs: State,
  outcome: Outcome,
  failure: unknown,
  now: Date,
): State {
  const { kind, declared, resource } = context;
  const observation = kind.observe(outcome.facts, declared, resource);
  return buildState({
    from: inputs,
    declared,
    // After a failure, the arguments as observed, so that the next diff finds the difference.
    observed: failure && observation ? observation.arguments : declared,
    outputs: observation?.outputs ?? {},
    facts: outcome.facts,
    last: resource.last,
    pending: pendingOf(outcome.remaining),
    appliedAt: appliedAtAfter(outcome.applied, resource.last, now),
    ownership: ownershipState(resource.claim),
  });
}

/** Any change may have removed what depends on it, so dependents have to be applied again. */
const appliedAtAfter = (applied: AppliedStep[], last: State, now: Date): string =>
  applied.some(isDone) || typeof last.appliedAt !== "string" ? now.toISOString() : last.appliedAt;

const isDone = ({ result }: AppliedStep) => result === "done";
