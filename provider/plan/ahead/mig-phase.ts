import { knownFamiliesOf } from "../../model/catalogue";
import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { GpuSelector } from "../../model/gpu-selector";
import type { MigGoal, Plan } from "..";
import { emptyPlan, mergePlans, plan } from "..";
import { formatGpu } from "../format";
import { selectGpus } from "../gpu/find";
import type { DriverPhase, Phase } from "./driver-phase";
import { gpuOf, mayMatchUnnamedGpu, unnamedGpuNote } from "./find-gpu";
import { withMigModes } from "./simulate";

export interface MigPhase extends Phase {
  /** Addresses of the GPUs with MIG modes that cannot be set. */
  blocked: ReadonlySet<string>;
}

/** Plans MIG mode for the host as it will be with its driver. */
export function planMigModes(
  { factsAfter: facts, driverWillChange }: DriverPhase,
  goals: readonly MigGoal[],
): MigPhase {
  const split = goals.map((goal) => splitGoal(facts, goal, driverWillChange));
  const planned = plan(
    facts,
    split.map(({ plannable }) => plannable),
  );
  const gpus = split.flatMap(({ plannable }) => targetsOf(facts, plannable));
  const blocked = new Set(planned.blockers.flatMap(({ device }) => device ?? gpus.map(({ gpu }) => gpu.address)));
  const isRebooted = planned.steps.some(({ requiresReboot }) => requiresReboot);
  const changing = new Set(planned.steps.flatMap(({ device }) => device ?? []));
  const isChanged = ({ address, mig }: Gpu) => changing.has(address) || (isRebooted && isPending(mig));
  const modes = new Map(
    gpus.filter(({ gpu }) => isChanged(gpu) && !blocked.has(gpu.address)).map(({ gpu, on }) => [gpu.address, on]),
  );
  return {
    plan: mergePlans(planned, ...split.flatMap(({ deferred }) => deferred)),
    factsAfter: modes.size || isRebooted ? withMigModes(facts, modes, isRebooted) : facts,
    blocked,
  };
}

const isPending = (mig: Gpu["mig"]): boolean => mig !== null && "current" in mig && mig.current !== mig.pending;

interface SplitGoal {
  plannable: MigGoal;
  /** Notes for GPUs of which too little is known before the driver runs. */
  deferred: Plan[];
}

function splitGoal(facts: HostFacts, goal: MigGoal, driverWillChange: boolean): SplitGoal {
  const { enabled, disabled } = goal.arguments;
  const notes = new Map<GpuSelector, Plan>();
  for (const selector of driverWillChange ? [...enabled, ...disabled] : []) {
    const gpu = gpuOf(facts, { gpu: selector });
    if (mayMatchUnnamedGpu(facts, selector)) notes.set(selector, unnamedGpuNote({ gpu: selector, key: goal.key }));
    else if (gpu?.mig === null && !knownFamiliesOf(gpu.deviceId)) notes.set(selector, unknownModeNote(gpu, goal));
  }
  const isPlannable = (selector: GpuSelector) => !notes.has(selector);
  const plannable = { enabled: enabled.filter(isPlannable), disabled: disabled.filter(isPlannable) };
  return {
    plannable: { ...goal, arguments: { ...goal.arguments, ...plannable } },
    deferred: [...notes.values()],
  };
}

const unknownModeNote = (gpu: Gpu, { key }: MigGoal): Plan => ({
  ...emptyPlan(),
  notes: [
    {
      message: `whether ${formatGpu(gpu)} has MIG mode is not known before the driver runs: this GPU is in no table`,
      device: gpu.address,
      requestedBy: [key],
    },
  ],
});

/** Returns the GPUs of a goal with the mode that it declares. */
function targetsOf(facts: HostFacts, { arguments: { enabled, disabled }, pins }: MigGoal): { gpu: Gpu; on: boolean }[] {
  const modes = [
    { on: true, gpus: enabled },
    { on: false, gpus: disabled },
  ];
  return modes.flatMap(({ on, gpus }) => selectGpus(facts, { gpus, pins }).gpus.map((gpu) => ({ gpu, on })));
}
