import { BlockedError, errorMessage } from "../model/errors";
import { sanitize } from "../model/text";
import { SshError } from "../ssh";
import type { ResourceContext } from "./context";
import { PartialFailure } from "./engine/errors";
import { urnParts } from "./engine/urn";
import type { Ensured } from "./ensure";
import { ensure } from "./ensure";
import { providerKey, waitsForOf } from "./inputs";
import type { Failure } from "./kinds/outputs";
import { maintenanceOf, untouchedState } from "./maintenance";
import type { State } from "./state";
import { toState } from "./state";

/**
 * Creates or updates a resource. If it belongs to a fleet, a failure is reported, recorded in the output `failure`, and not thrown: a
 * step that fails makes the engine drop the steps of all other hosts, and all deletions. The program makes the run fail at its end.
 */
export async function ensureIsolated<A extends object>(
  context: ResourceContext<A>,
  inputs: State,
  now: Date,
  existing?: string,
): Promise<Ensured> {
  const waitsFor = waitsForOf(inputs);
  if (waitsFor !== undefined && maintenanceOf(inputs) === undefined)
    return unfinished(context, inputs, existing, { kind: "waiting", message: `It waits for ${waitsFor}.` });
  try {
    return await ensure(context, inputs, now, existing);
  } catch (error) {
    if (inputs.__isolated !== true) throw error;
    const text = error instanceof PartialFailure ? error.message : errorMessage(error);
    const message = sanitize(context.reporter.redact(text));
    context.reporter.report("error", message);
    const failure: Failure = { kind: kindOf(error), message };
    if (!(error instanceof PartialFailure)) return unfinished(context, inputs, existing, failure);
    const { [providerKey]: _, ...outs } = error.properties;
    return { id: error.id, outs: toState({ ...outs, failure }) };
  }
}

/** Returns the state of a resource for which nothing was done. It has something pending, so the next diff is not empty. */
function unfinished<A extends object>(
  { kind, resource, declared, connection }: ResourceContext<A>,
  inputs: State,
  existing: string | undefined,
  failure: Failure,
): Ensured {
  const id = existing ?? kind.id(declared, urnParts(resource.urn).name, connection.host);
  const outs = { ...untouchedState(kind, inputs, resource.last), pending: [failure.message], failure };
  return { id, outs: toState(outs) };
}

function kindOf(error: unknown): Failure["kind"] {
  if (error instanceof BlockedError) return "blocked";
  return error instanceof SshError ? "unreachable" : "failed";
}
