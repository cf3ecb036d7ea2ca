import { z } from "zod";
import { isOtherMachine, isReimaged, otherMachineError } from "../host/identity";
import { errorMessage, UserError } from "../model/errors";
import { formatIssue } from "../model/issue";
import { emptyPlan } from "../plan";
import { planToShow } from "../plan/to-show";
import { factsToShow } from "../plan/without-root";
import type { ReadResult } from "./build-state";
import { readResult } from "./build-state";
import type { ResourceContext } from "./context";
import type { ProviderEnvironment } from "./environment";
import { expectedIdentity } from "./identity";
import { goalToCompare } from "./imported";
import { Common, commonInputs, connectionOf, withoutCommon } from "./inputs";
import { maintenanceOf, unchanged } from "./maintenance";
import { reportNotes } from "./notes";
import { driftOf, pendingOf } from "./pending";
import type { ResourceKind } from "./resource-kind";
import type { State } from "./state";

/** Reads an existing object without managing it. There is no state yet, and the inputs of the program are unchecked. */
export async function get<A extends object>(
  kind: ResourceKind<A>,
  environment: ProviderEnvironment,
  id: string,
  given: State,
): Promise<ReadResult> {
  const common = Common.safeParse(commonInputs(given));
  const own = z.strictObject(kind.schema.shape).partial().safeParse(withoutCommon(given));
  const issues = [...(common.error?.issues ?? []), ...(own.error?.issues ?? [])];
  if (issues.length > 0) throw new UserError({ action: `read ${id}`, cause: issues.map(formatIssue).join("; ") });

  const connection = connectionOf(given);
  const facts = await environment.hostAt(connection).facts();
  const observation = kind.lookup(facts, id, own.data as State);
  if (!observation)
    throw new UserError({
      action: `read ${id}`,
      host: connection.host,
      cause: "nothing of this kind exists on the host",
    });
  return readResult(id, { from: given, last: {}, facts, observation, pending: [] });
}

/**
 * Compares the host with the state. If that fails for any reason, the state is kept, and the error is reported and not thrown,
 * because that would stop the whole program, with all other hosts.
 */
export async function refresh<A extends object>(context: ResourceContext<A>, id: string): Promise<ReadResult> {
  if (maintenanceOf(context.resource.last) !== undefined) return unchanged(id, context.resource.last);
  try {
    return await inspect(context, id);
  } catch (error) {
    return keepState(context, id, context.reporter.redact(errorMessage(error)));
  }
}

async function inspect<A extends object>(
  { kind, declared, resource, host, reporter, ...context }: ResourceContext<A>,
  id: string,
): Promise<ReadResult> {
  const { last } = resource;
  const read = await host.facts();
  const facts = factsToShow(read);
  const { identity } = facts.system;
  const expected = expectedIdentity(last);
  if (expected && isOtherMachine(expected, identity)) {
    throw new UserError({
      ...otherMachineError(context.connection.host, expected, identity).details,
      action: "inspect the host",
    });
  }
  if (expected && isReimaged(expected, identity))
    reporter.report("warning", "The machine is the same, but it was reinstalled.");

  const observation = last.external
    ? kind.lookup(facts, id, declared as State)
    : kind.observe(facts, declared, resource);
  if (!observation) {
    reporter.report("warning", `${id} is gone from the host.`);
    return {};
  }
  const left = last.external ? emptyPlan() : planToShow(read, [goalToCompare(kind, declared, resource)]);
  for (const sentence of driftOf(left)) reporter.report("warning", sentence);
  reportNotes(
    { host, reporter },
    left.notes.filter(({ permanent }) => !permanent),
  );
  return readResult(id, {
    from: last,
    last,
    facts,
    observation,
    pending: pendingOf(left),
    declared: last.external ? undefined : declared,
  });
}

function keepState<A extends object>(
  { resource, reporter }: ResourceContext<A>,
  id: string,
  unreachable: string,
): ReadResult {
  reporter.reportOnce("warning", `could not be read, so the last state is kept: ${unreachable}`);
  return unchanged(id, { ...resource.last, unreachable });
}
