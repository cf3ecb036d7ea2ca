import { desiredVersion } from "../model/desired/driver";
import type { Gpu } from "../model/facts/gpu";
import type { HostFacts } from "../model/facts/host-facts";
import type { GpuSelector } from "../model/gpu-selector";
import { describeSelector } from "../model/gpu-selector";
import type { DriverGoal, Plan, SriovGoal, Step, VgpuGoal } from "../plan";
import { emptyPlan, mergePlans, plan } from "../plan";
import { formatGpu } from "../plan/format";
import { findPinnedGpu } from "../plan/gpu/pin";
import { driverBlocker } from "../plan/gpu/readiness";
import { selectGpus } from "../plan/gpu/select";
import { withDriverLoaded, withVfsEnabled } from "./simulate";

/** All that is wanted of one host. */
export interface HostGoals {
  driver?: DriverGoal;
  sriov?: SriovGoal;
  cards: VgpuGoal[];
}

/**
 * The whole way that `up` will go on a host. Where a step has to be done before the next can be planned from what is there, the
 * next is planned from the host as it will be: so a bare host says already that a card will not hold what is wanted of it.
 */
export function planHost(facts: HostFacts, { driver, sriov, cards }: HostGoals): Plan {
  const below = driver ? plan(facts, [driver]) : emptyPlan();
  const driven =
    driver && isForeseen(facts, below)
      ? withDriverLoaded(facts, desiredVersion(driver.arguments), driver.arguments.iommu)
      : facts;

  const isNameless = (selector: GpuSelector) => driven !== facts && mayMatchUnnamedGpu(driven, selector);
  const chosen =
    sriov && sriov.gpus !== "all" ? { ...sriov, gpus: sriov.gpus.filter((one) => !isNameless(one)) } : sriov;
  const functions = chosen ? plan(driven, [chosen]) : emptyPlan();
  const enabling = devicesOf(functions.steps);
  const ready = withVfsEnabled(driven, enabling, devicesOf(functions.steps.filter(({ destructive }) => destructive)));

  const kept = blockedGpus(driven, functions, chosen);
  const nameless = cards.filter(({ gpu }) => isNameless(gpu));
  const onCards = cards.filter((card) => !nameless.includes(card) && !kept.includes(gpuOf(driven, card)));
  const isUntold = (card: VgpuGoal) => {
    const found = gpuOf(ready, card);
    return found?.types.length === 0 && (driven !== facts || enabling.has(found.address));
  };
  const told = onCards.filter((card) => !isUntold(card));
  const later = [...nameless.map(toBeNamed), ...onCards.filter(isUntold).map((card) => toBeTold(ready, card))];
  return oneOnTheOther([below, functions, mergePlans(plan(ready, told), ...later)]);
}

/** What stands on something that is in the way of itself will not be begun; what is in its own way is said all the same. */
function oneOnTheOther(plans: readonly Plan[]): Plan {
  const first = plans.findIndex(({ blockers }) => blockers.length > 0);
  return mergePlans(...plans.map((one, i) => (first >= 0 && i > first ? { ...one, steps: [] } : one)));
}

/** A reboot takes VFs and vGPUs along, and so does another driver (B38, B48). Without one that runs, nothing above can be seen. */
function isForeseen(facts: HostFacts, { steps, blockers }: Plan): boolean {
  return (
    steps.some(({ requiresReboot, destructive }) => requiresReboot || destructive) ||
    (steps.length + blockers.length > 0 && driverBlocker(facts) !== null)
  );
}

const devicesOf = (steps: readonly Step[]): Set<string> => new Set(steps.flatMap(({ device }) => device ?? []));

function gpuOf({ gpus }: HostFacts, { gpu, pin }: Pick<VgpuGoal, "gpu" | "pin">): Gpu | undefined {
  const found = findPinnedGpu(gpu, pin, gpus);
  return "reason" in found ? undefined : found;
}

/** GPUs whose virtual functions cannot come now. What keeps them off keeps their vGPUs away, and is said once. */
function blockedGpus(facts: HostFacts, { blockers }: Plan, sriov: SriovGoal | undefined): (Gpu | undefined)[] {
  const chosen = sriov ? selectGpus(facts, sriov).gpus : [];
  const isAbout = (gpu: Gpu, device: string | undefined) =>
    device === undefined || gpu.address === device || gpu.functions.some(({ address }) => address === device);
  return chosen.filter((gpu) => blockers.some(({ device }) => isAbout(gpu, device)));
}

/** Without its driver a card that no list of PCI ids knows has no name, and may well be the one that is meant. */
const mayMatchUnnamedGpu = (facts: HostFacts, selector: GpuSelector): boolean =>
  "model" in selector &&
  gpuOf(facts, { gpu: selector }) === undefined &&
  facts.gpus.some(({ model }) => model === null);

const toBeNamed = ({ gpu, key }: VgpuGoal): Plan => ({
  ...emptyPlan(),
  notes: [
    {
      message: `which card is ${describeSelector(gpu)} shows when the driver runs: there is one here that no table knows`,
      requestedBy: [key],
    },
  ],
});

/** A card that no table knows: what it offers shows when its driver runs. */
function toBeTold(facts: HostFacts, card: VgpuGoal): Plan {
  const { key, desired } = card;
  const found = gpuOf(facts, card)!;
  const types = [...new Set(desired.map(({ type }) => type))].join(", ");
  if (types === "") return emptyPlan();
  const message = `whether ${formatGpu(found)} offers ${types} shows when its driver runs: no table knows this card`;
  return { ...emptyPlan(), notes: [{ message, device: found.address, requestedBy: [key] }] };
}
