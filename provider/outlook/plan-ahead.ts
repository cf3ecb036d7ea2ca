import { wantedVersion } from "../model/desired/driver";
import type { Gpu } from "../model/facts/gpu";
import type { HostFacts } from "../model/facts/host-facts";
import { describe, type GpuSelector } from "../model/gpu-selector";
import { type CardDesire, type DriverDesire, inOrder, nothing, plan, type Plan, type SriovDesire, type Step } from "../plan";
import { gpuInWords } from "../plan/in-words";
import { lookUpPinned } from "../plan/pinned";
import { chosenGpus } from "../plan/sriov/chosen";
import { whyDriverNotUp } from "../plan/sriov/driver-up";
import { asIfDriven, asIfEnabled } from "./as-if";

/** All that is wanted of one host. */
export interface Desires {
  driver?: DriverDesire;
  sriov?: SriovDesire;
  cards: CardDesire[];
}

/**
 * The whole way that `up` will go on a host. Where a step has to be done before the next can be planned from what is there, the
 * next is planned from the host as it will be: so a bare host says already that a card will not hold what is wanted of it.
 */
export function planAhead(facts: HostFacts, { driver, sriov, cards }: Desires): Plan {
  const below = driver ? plan(facts, [driver]) : nothing();
  const driven = driver && isForeseen(facts, below) ? asIfDriven(facts, wantedVersion(driver.arguments), driver.arguments.iommu) : facts;

  const isNameless = (selector: GpuSelector) => driven !== facts && mayBeNameless(driven, selector);
  const chosen = sriov && sriov.gpus !== "all" ? { ...sriov, gpus: sriov.gpus.filter((one) => !isNameless(one)) } : sriov;
  const functions = chosen ? plan(driven, [chosen]) : nothing();
  const enabling = devicesOf(functions.steps);
  const ready = asIfEnabled(driven, enabling, devicesOf(functions.steps.filter(({ wipes }) => wipes)));

  const kept = keptOff(driven, functions, chosen);
  const nameless = cards.filter(({ gpu }) => isNameless(gpu));
  const onCards = cards.filter((card) => !nameless.includes(card) && !kept.includes(gpuOf(driven, card)));
  const isUntold = (card: CardDesire) => {
    const found = gpuOf(ready, card);
    return found?.types.length === 0 && (driven !== facts || enabling.has(found.address));
  };
  const told = onCards.filter((card) => !isUntold(card));
  const later = [...nameless.map(toBeNamed), ...onCards.filter(isUntold).map((card) => toBeTold(ready, card))];
  return oneOnTheOther([below, functions, inOrder([plan(ready, told), ...later])]);
}

/** What stands on something that is in the way of itself will not be begun; what is in its own way is said all the same. */
function oneOnTheOther(plans: readonly Plan[]): Plan {
  const first = plans.findIndex(({ blockers }) => blockers.length > 0);
  return inOrder(plans.map((one, i) => (first >= 0 && i > first ? { ...one, steps: [] } : one)));
}

/** A reboot takes VFs and vGPUs along, and so does another driver (B38, B48). Without one that runs, nothing above can be seen. */
function isForeseen(facts: HostFacts, { steps, blockers }: Plan): boolean {
  return steps.some(({ reboots, wipes }) => reboots || wipes) || (steps.length + blockers.length > 0 && whyDriverNotUp(facts) !== null);
}

const devicesOf = (steps: readonly Step[]): Set<string> => new Set(steps.flatMap(({ device }) => device ?? []));

function gpuOf({ gpus }: HostFacts, { gpu, pin }: Pick<CardDesire, "gpu" | "pin">): Gpu | undefined {
  const found = lookUpPinned(gpu, pin, gpus);
  return "seen" in found ? undefined : found;
}

/** GPUs whose virtual functions cannot come now. What keeps them off keeps their vGPUs away, and is said once. */
function keptOff(facts: HostFacts, { blockers }: Plan, sriov: SriovDesire | undefined): (Gpu | undefined)[] {
  const chosen = sriov ? chosenGpus(facts, sriov).gpus : [];
  const isAbout = (gpu: Gpu, device: string | undefined) =>
    device === undefined || gpu.address === device || gpu.functions.some(({ address }) => address === device);
  return chosen.filter((gpu) => blockers.some(({ device }) => isAbout(gpu, device)));
}

/** Without its driver a card that no list of PCI ids knows has no name, and may well be the one that is meant. */
const mayBeNameless = (facts: HostFacts, selector: GpuSelector): boolean =>
  "model" in selector && gpuOf(facts, { gpu: selector }) === undefined && facts.gpus.some(({ model }) => model === null);

const toBeNamed = ({ gpu, key }: CardDesire): Plan => ({
  ...nothing(),
  notes: [{ says: `which card is ${describe(gpu)} shows when the driver runs: there is one here that no table knows`, for: [key] }],
});

/** A card that no table knows: what it offers shows when its driver runs. */
function toBeTold(facts: HostFacts, card: CardDesire): Plan {
  const { key, wanted } = card;
  const found = gpuOf(facts, card)!;
  const types = [...new Set(wanted.map(({ type }) => type))].join(", ");
  if (types === "") return nothing();
  const says = `whether ${gpuInWords(found)} offers ${types} shows when its driver runs: no table knows this card`;
  return { ...nothing(), notes: [{ says, device: found.address, for: [key] }] };
}
