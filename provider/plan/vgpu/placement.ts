import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import type { BlockerReason } from "../plan";
import { withRenameHint } from "./capacity";
import { withFreedInstances } from "./freed-instances";
import { withFreedPlaces } from "./freed-places";
import type { GpuChanges } from "./gpu-changes";
import { vgpusOn } from "./gpu-changes";
import type { InstanceChanges, Placed } from "./gpu-placer";
import { GpuPlacer, needsPlace } from "./gpu-placer";
import type { ModeChange } from "./mixed-sizes";
import { withMixedSizes } from "./mixed-sizes";

/** What changes on one GPU. */
export interface OnGpu {
  placed: Placed[];
  /** The GPU instances of a GPU in MIG mode. */
  instances?: InstanceChanges;
  /** vGPUs for which the driver may refuse new ones, because it does not show their places. */
  hidingPlaces: readonly Vgpu[];
}

interface Placement {
  changes: GpuChanges[];
  modes: ModeChange[];
  onGpus: OnGpu[];
}

interface Refusal {
  changes: GpuChanges;
  blocker: BlockerReason;
}

/**
 * Finds a place for each creation, GPU by GPU. A goal that does not fit gets a blocker, and nothing of it is done. The vGPUs
 * that it would have removed then stay, which may leave others without room, so all other goals are placed again.
 */
export function placeVgpus(facts: HostFacts, requested: readonly GpuChanges[]): Placement {
  let unplaced = [...requested];
  for (;;) {
    const mixed = withMixedSizes(facts, unplaced);
    const { modes } = mixed;
    const changes = withFreedInstances(facts, withFreedPlaces(facts, mixed.changes, modes));
    const { onGpus, refusals } = placeUnblocked(facts, changes, modes);
    if (!refusals.length) return { changes, modes, onGpus };
    unplaced = unplaced.map((one, i) => {
      const refusal = refusals.find((other) => other.changes === changes[i]);
      return refusal ? { ...one, blockers: [refusal.blocker] } : one;
    });
  }
}

/** Places all goals without a blocker; returns the first refused goal of each GPU. */
function placeUnblocked(
  facts: HostFacts,
  changes: readonly GpuChanges[],
  modes: readonly ModeChange[],
): { onGpus: OnGpu[]; refusals: Refusal[] } {
  const open = changes.filter(({ blockers }) => !blockers.length);
  const leaving = new Set(open.flatMap(({ removals }) => removals.map(({ vgpu }) => vgpu)));
  const gpus = [...new Set(open.flatMap((one) => (one.gpu && needsPlace(one) ? [one.gpu] : [])))];
  const outcomes = gpus.map((gpu) =>
    placeOnGpu(
      facts,
      gpu,
      open.filter((one) => one.gpu === gpu),
      leaving,
      modes.find((mode) => mode.gpu === gpu),
    ),
  );
  const refusals = outcomes.flatMap((outcome) => ("blocker" in outcome ? [outcome] : []));
  return { onGpus: outcomes.flatMap((outcome) => ("blocker" in outcome ? [] : [outcome])), refusals };
}

function placeOnGpu(
  facts: HostFacts,
  gpu: Gpu,
  changesOnGpu: readonly GpuChanges[],
  leaving: ReadonlySet<Vgpu>,
  mode: ModeChange | undefined,
): OnGpu | Refusal {
  const placer = new GpuPlacer(facts, gpu, changesOnGpu, leaving, mode);
  for (const changes of changesOnGpu) {
    const blocker = placer.reserve(changes);
    if (blocker) return { changes, blocker: withRenameHint(blocker, facts, vgpusOn(facts, gpu), changes.goal) };
  }
  for (const requested of placer.inOrder()) {
    const blocker = placer.place(requested);
    if (blocker) return { changes: requested.changes, blocker };
  }
  return { placed: placer.placed, instances: placer.instances, hidingPlaces: placer.hidingPlaces() };
}
