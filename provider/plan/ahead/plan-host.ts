import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { GpuSelector } from "../../model/gpu-selector";
import { isKnown } from "../../model/unknown";
import type { DriverGoal, MigGoal, Plan, SriovGoal, Step, VgpuGoal } from "..";
import { emptyPlan, mergePlans, plan } from "..";
import { formatGpu } from "../format";
import { selectGpus } from "../gpu/find";
import { canCompareVgpus, factsToShow, readingNotes } from "../without-root";
import type { DriverPhase, Phase } from "./driver-phase";
import { planDriver } from "./driver-phase";
import { gpuOf, mayMatchUnnamedGpu, unnamedGpuNote } from "./find-gpu";
import type { MigPhase } from "./mig-phase";
import { planMigModes } from "./mig-phase";
import { withVfsEnabled } from "./simulate";

/** The goals of all resources of one host. */
export interface HostGoals {
  driver?: DriverGoal;
  mig: MigGoal[];
  sriov: SriovGoal[];
  vgpus: VgpuGoal[];
}

/**
 * Plans everything that `up` will do on a host: driver, MIG mode, VFs and vGPUs. Each phase is planned with the facts as they will be after
 * the phase before. So the preview of a host without a driver already reports vGPUs that will not fit.
 */
export function planHost(facts: HostFacts, { driver, mig, sriov, vgpus: declared }: HostGoals): Plan {
  const vgpus = canCompareVgpus(facts) ? declared : [];
  const driverPhase = planDriver(factsToShow(facts), driver);
  const migPhase = planMigModes(driverPhase, mig);
  const vfPhase = planVfs(driverPhase, migPhase, sriov);
  const vgpuPlan = planVgpus(driverPhase, vfPhase, vgpus);
  const shown = stopAtFirstBlocker([driverPhase.plan, migPhase.plan, vfPhase.plan, vgpuPlan]);
  const keys = [...(driver ? [driver] : []), ...mig, ...sriov, ...declared].map(({ key }) => key);
  return { ...shown, notes: [...shown.notes, ...readingNotes(facts, keys, declared.length > vgpus.length)] };
}

/** Removes the steps of all phases after the first one with blockers. Their own blockers and notes are kept. */
function stopAtFirstBlocker(phases: readonly Plan[]): Plan {
  const first = phases.findIndex(({ blockers }) => blockers.length > 0);
  return mergePlans(...phases.map((phase, i) => (first >= 0 && i > first ? { ...phase, steps: [] } : phase)));
}

interface VfPhase extends Phase {
  /** Addresses of the GPUs with VFs that a step enables. Steps of the restore name a GPU by its UUID. */
  enabling: ReadonlySet<string>;
  /** Addresses of the GPUs with VFs that cannot be enabled, or MIG modes that cannot be set. */
  blocked: ReadonlySet<string>;
}

function planVfs(
  { driverWillChange }: DriverPhase,
  { factsAfter: facts, blocked }: MigPhase,
  goals: readonly SriovGoal[],
): VfPhase {
  const isNamed = (selector: GpuSelector) => !(driverWillChange && mayMatchUnnamedGpu(facts, selector));
  const named = goals.map((goal) => (goal.gpus === "all" ? goal : { ...goal, gpus: goal.gpus.filter(isNamed) }));
  const planned = plan(facts, named);
  // The plan of MIG mode has the reason.
  const vfPlan = { ...planned, blockers: planned.blockers.filter(({ device }) => !blocked.has(device ?? "")) };
  const enabling = devicesOf(vfPlan.steps);
  const cycled = devicesOf(vfPlan.steps.filter(({ destructive }) => destructive));
  return {
    plan: vfPlan,
    factsAfter: withVfsEnabled(facts, enabling, cycled),
    enabling,
    blocked: new Set([...blocked, ...named.flatMap((goal) => blockedGpus(facts, vfPlan, goal))]),
  };
}

const devicesOf = (steps: readonly Step[]): Set<string> => new Set(steps.flatMap(({ device }) => device ?? []));

function blockedGpus(facts: HostFacts, { blockers }: Plan, goal: SriovGoal): string[] {
  const isAbout = (gpu: Gpu, device: string | undefined) =>
    device === undefined || gpu.address === device || gpu.functions.some(({ address }) => address === device);
  const its = blockers.filter(({ requestedBy }) => requestedBy.includes(goal.key));
  const { gpus } = selectGpus(facts, goal);
  return gpus.filter((gpu) => its.some(({ device }) => isAbout(gpu, device))).map(({ address }) => address);
}

function planVgpus(driver: DriverPhase, vfs: VfPhase, goals: readonly VgpuGoal[]): Plan {
  const { plannable, deferred } = classifyGpus(driver, vfs, goals);
  return mergePlans(plan(vfs.factsAfter, plannable), ...deferred);
}

interface ClassifiedGpus {
  plannable: VgpuGoal[];
  /** GPUs without VFs. The plan of the VFs has the reason. */
  blocked: VgpuGoal[];
  /** Notes for GPUs of which too little is known before the driver runs. */
  deferred: Plan[];
}

function classifyGpus(driver: DriverPhase, vfs: VfPhase, goals: readonly VgpuGoal[]): ClassifiedGpus {
  const isUnnamed = ({ gpu }: VgpuGoal) => driver.driverWillChange && mayMatchUnnamedGpu(driver.factsAfter, gpu);
  const isBlocked = (goal: VgpuGoal) => vfs.blocked.has(gpuOf(driver.factsAfter, goal)?.address ?? "");
  const hasUnknownTypes = (goal: VgpuGoal) => {
    const gpu = gpuOf(vfs.factsAfter, goal);
    return gpu && areTypesUnknown(gpu) && (driver.driverWillChange || vfs.enabling.has(gpu.address));
  };
  const named = goals.filter((goal) => !isUnnamed(goal));
  const unblocked = named.filter((goal) => !isBlocked(goal));
  return {
    plannable: unblocked.filter((goal) => !hasUnknownTypes(goal)),
    blocked: named.filter(isBlocked),
    deferred: [
      ...goals.filter(isUnnamed).map(unnamedGpuNote),
      ...unblocked.filter(hasUnknownTypes).map((goal) => unknownTypesNote(vfs.factsAfter, goal)),
    ],
  };
}

function areTypesUnknown({ mig, types }: Gpu): boolean {
  const isInMigMode = isKnown(mig) && mig?.current;
  return isInMigMode ? !isKnown(mig.types) : types.length === 0;
}

function unknownTypesNote(facts: HostFacts, goal: VgpuGoal): Plan {
  const { key, desired } = goal;
  const gpu = gpuOf(facts, goal)!;
  const types = [...new Set(desired.map(({ type }) => type))].join(", ");
  if (types === "") return emptyPlan();
  const message = `whether ${formatGpu(gpu)} offers ${types} is not known before the driver runs: this GPU is in no table`;
  return { ...emptyPlan(), notes: [{ message, device: gpu.address, requestedBy: [key] }] };
}
