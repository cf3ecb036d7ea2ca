import { isOtherMachine, otherMachineError } from "../host/identity";
import { BlockedError, errorMessage } from "../model/errors";
import { sentence } from "../model/text";
import { buildState } from "./build-state";
import { ownershipState } from "./claim";
import { resourceContext } from "./context";
import { urnParts } from "./engine/urn";
import type { Ensured } from "./ensure";
import type { ProviderEnvironment } from "./environment";
import { expectedIdentity } from "./identity";
import { connectionOf, waitsForOf } from "./inputs";
import { maintenanceOf, maintenanceState } from "./maintenance";
import { isKnownWhole, unknownValue } from "./parse";
import type { Reporter } from "./reporter";
import type { ResourceKind } from "./resource-kind";
import type { PreviewedResource, ShownPlan } from "./rows/show-plan";
import { showPlan } from "./rows/show-plan";
import type { State } from "./state";

/** A create or an update of which a preview asks. */
export interface PlannedChange extends PreviewedResource {
  /** Absent for a create. */
  id?: string;
  /** Whether the host is read. Otherwise only what this process has read already is planned for. */
  isHostRead: boolean;
  /** Whether a blocker, or a host that cannot be read, is an error. */
  isStrict: boolean;
}

interface Options {
  instance: string;
  reporter: Reporter;
  signal?: AbortSignal;
}

/**
 * Shows what create or update would do, and returns the outputs that are certain before it is done. Others are left out, which means
 * unknown. A host that cannot be read is a warning, so that the preview shows all other hosts.
 */
export async function foresee<A extends object>(
  kind: ResourceKind<A>,
  environment: ProviderEnvironment,
  change: PlannedChange,
  { instance, reporter, signal }: Options,
): Promise<Ensured> {
  const { inputs, last } = change;
  if (!isKnownWhole(inputs.connection)) {
    await showPlan(kind, environment, change, instance, reporter);
    return { id: change.id ?? "", outs: inputs };
  }
  const context = resourceContext(kind, environment, inputs, keptState(change), reporter, instance);
  const { declared, resource, connection, host } = context;
  const id = change.id ?? kind.id(declared, urnParts(resource.urn).name, connection.host);
  if (maintenanceOf(inputs) !== undefined) return { id, outs: maintenanceState(kind, inputs, last, reporter) };
  if (waitsForOf(inputs) !== undefined) return { id, outs: inputs };
  if (change.isHostRead && !(await isRead(host, change, reporter, signal))) return { id, outs: inputs };
  const shown = await showPlan(kind, environment, change, instance, reporter);
  if (!shown) return { id, outs: inputs };
  if (change.isStrict) requireNoBlocker(shown, connection.host);
  if (!isDone(shown)) return { id, outs: { ...inputs, ...kind.foreseen?.(shown.facts, declared, resource) } };
  const observation = kind.observe(shown.facts, declared, resource);
  return {
    id,
    outs: buildState({
      from: inputs,
      declared,
      observed: declared,
      outputs: observation?.outputs ?? {},
      facts: shown.facts,
      last,
      pending: [],
      appliedAt: (keptState(change).appliedAt as string | undefined) ?? unknownValue,
      ownership: ownershipState(resource.claim),
    }),
  };
}

/** A replacement begins without the state of the resource that it replaces. */
const keptState = ({ change, last }: PlannedChange): State => (change === "update" ? last : {});

const isDone = ({ plan: { steps, blockers, waitsFor } }: ShownPlan): boolean =>
  steps.length === 0 && blockers.length === 0 && waitsFor === undefined;

/** Reads the host of a change. Returns false, after a warning, if that is not possible or if it is another machine. */
async function isRead(
  host: ReturnType<ProviderEnvironment["hostAt"]>,
  { inputs, last, isStrict }: PlannedChange,
  reporter: Reporter,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    const { system } = await host.facts({ signal });
    const expected = expectedIdentity(last);
    if (expected && isOtherMachine(expected, system.identity))
      throw otherMachineError(connectionOf(inputs).host, expected, system.identity);
    return true;
  } catch (error) {
    if (isStrict || signal?.aborted) throw error;
    reporter.report("warning", `steps are not known: ${errorMessage(error)}`);
    return false;
  }
}

function requireNoBlocker({ plan: { blockers } }: ShownPlan, host: string): void {
  if (blockers.length === 0) return;
  const [{ hint }] = blockers as [(typeof blockers)[0]];
  const reasons = [...new Set(blockers.map(({ reason }) => sentence(reason)))];
  throw new BlockedError({ action: "apply the change", host, cause: reasons.join(" "), hint });
}
