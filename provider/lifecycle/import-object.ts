import { UserError } from "../model/errors";
import type { HostFacts } from "../model/facts/host-facts";
import type { Claim } from "../plan";
import { planToShow } from "../plan/to-show";
import { recordOf } from "../plan/vgpu/vgpu";
import type { ReadResult } from "./build-state";
import { buildState } from "./build-state";
import { claimOf, ownershipState } from "./claim";
import { urnParts } from "./engine/urn";
import type { ProviderEnvironment } from "./environment";
import { goalToCompare, neverApplied } from "./imported";
import { commonInputs, connectionOf } from "./inputs";
import type { ExistingVgpu } from "./kinds/outputs";
import { parseKnown } from "./parse";
import { driftOf, pendingOf } from "./pending";
import type { Reporter } from "./reporter";
import type { Observation, ResourceKind } from "./resource-kind";
import type { State } from "./state";
import { toState } from "./state";

const imported = true;

interface Options {
  reporter: Reporter;
  /** The id of a new instance. */
  instance: string;
}

/**
 * Reads an existing object, and returns it as the state of a resource that manages it from now on. Changes nothing on the host. What is
 * not as the resource would have made it is pending, so that the next preview shows it, apart from records that are missing.
 */
export async function importObject<A extends object>(
  kind: ResourceKind<A>,
  environment: ProviderEnvironment,
  id: string,
  given: State,
  { reporter, instance }: Options,
): Promise<ReadResult> {
  const connection = connectionOf(given);
  const urn = given.__urn as string;
  const facts = await environment.hostAt(connection).facts();
  const observation = (kind.lookupForImport ?? kind.lookup)(facts, id, given);
  if (!observation)
    throw new UserError({
      action: `import ${id}`,
      host: connection.host,
      cause: "nothing of this kind exists on the host",
    });
  const { value } = parseKnown(kind.schema, observation.arguments);
  const complete = (kind.withDefaults?.(value, {}, urn) ?? value) as A;
  const claim = claimOf(urn, environment.ownerOf(urn, {}), {}, instance);
  const ownership = ownershipState({
    ...claim,
    instance: recordedInstance(kind, facts, claim, observation) ?? instance,
  });
  const planned = declarationsOf(kind, complete).map((declared) => {
    const last = toState({ ...commonInputs(given), ...declared, ...observation.outputs, ...ownership, imported });
    const resource = { urn, last, claim: claimOf(urn, claim.owner, last, instance) };
    return { declared, left: planToShow(facts, [goalToCompare(kind, declared, resource)]) };
  });
  const { declared, left } =
    planned.find(({ left: { steps, blockers } }) => steps.length + blockers.length === 0) ?? planned[0]!;
  for (const sentence of driftOf(left)) reporter.report("warning", sentence);
  const props = buildState({
    from: given,
    declared,
    observed: declared,
    outputs: observation.outputs,
    facts,
    last: {},
    pending: pendingOf(left),
    appliedAt: neverApplied,
    ownership,
    imported,
  });
  const newId = kind.id(declared, urnParts(urn).name, connection.host);
  return { id: newId, props, inputs: toState({ ...declared, ...commonInputs(given) }) };
}

/** Returns what may declare the object as it is, the usual first: a host without the restorer has none after an import, too. */
const declarationsOf = <A extends object>({ schema }: ResourceKind<A>, declared: A): A[] =>
  "restoreAtBoot" in schema.shape ? [declared, { ...declared, restoreAtBoot: false }] : [declared];

/** Returns the instance that the records of this stack name, such as those of a state that was lost. */
function recordedInstance<A extends object>(
  { vgpus }: ResourceKind<A>,
  facts: HostFacts,
  { owner }: Claim,
  { outputs, arguments: given }: Observation,
): string | undefined {
  const uuids = (vgpus?.({ ...given, ...outputs }) ?? []).map(({ uuid }: Partial<ExistingVgpu>) => uuid);
  const records = facts.vgpus.map((vgpu) => recordOf(facts, vgpu));
  return records.find((record) => record?.owner === owner && uuids.includes(record.uuid))?.instance;
}
