import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown } from "../../model/unknown";
import { emptyPlan, step } from "../builder";
import { formatGpu, formatUsers } from "../format";
import type { SriovGoal } from "../goal";
import { usesVirtualFunctions } from "../gpu/vf-support";
import type { VfsState } from "../gpu/vfs";
import { hasOtherDriver, isReady, isUsed, vfsState, virtualFunctions } from "../gpu/vfs";
import type { BlockerReason, Note, Plan, Step } from "../plan";
import { cycleBlockers, gpuBlocker, usersLostByVfCycle } from "./blockers";

/** All VFs of one GPU on, with the driver, and offering types. */
export function planEnabled(facts: HostFacts, gpu: Gpu, goal: SriovGoal): Plan {
  const { key } = goal;
  const notes = [...gpuNotes(gpu), ...passthroughNotes(gpu)].map(
    (one): Note => ({ ...one, device: gpu.address, requestedBy: [key] }),
  );
  if (!usesVirtualFunctions(gpu) || isReady(gpu)) return { ...emptyPlan(), notes };
  const obstacles = whyNotNow(facts, gpu, goal);
  if (obstacles.length)
    return { ...emptyPlan(), notes, blockers: obstacles.map((one) => ({ ...one, requestedBy: [key] })) };
  return {
    ...emptyPlan(),
    notes,
    steps: [...(isStranded(gpu) ? [bindPf(gpu, key)] : []), ...repair(gpu, vfsState(gpu), key)],
  };
}

function whyNotNow(facts: HostFacts, gpu: Gpu, goal: SriovGoal): BlockerReason[] {
  const never = gpuBlocker(gpu);
  if (never) return [never];
  const state = vfsState(gpu);
  if (!needsCycle(state)) return [];
  const what = state.state === "off" ? state.reason : `${state.reason}, which only a cycle of them all puts right`;
  return cycleBlockers(facts, gpu, goal).map((one, i) => (i ? one : { ...one, reason: `${what}, and ${one.reason}` }));
}

/** Why the word "all" leaves this GPU out; null where it is to be enabled. */
export function skippedNotes(facts: HostFacts, gpu: Gpu, goal: SriovGoal): BlockerReason | null {
  return gpuBlocker(gpu) ?? (needsCycle(vfsState(gpu)) ? (usersLostByVfCycle(facts, gpu, goal)[0] ?? null) : null);
}

const needsCycle = ({ state }: VfsState) => state === "off" || state === "incomplete" || state === "wrong-driver";

/** sriov-manage was broken off between taking the GPU from its driver and giving it back (B36). */
export const isStranded = ({ driver }: Gpu): boolean => driver === null || driver === "pci-pf-stub";

export const bindPf = (gpu: Gpu, key: string): Step =>
  step({
    title: `give ${formatGpu(gpu)} back to the driver nvidia`,
    reason:
      gpu.driver === null
        ? "it has no driver, as after a sriov-manage that was broken off"
        : "a sriov-manage that was broken off left it on pci-pf-stub",
    command: ["bind_pf", gpu.address],
    device: gpu.address,
    requestedBy: [key],
  });

/** The smallest thing that helps: types again, drivers again, and only then a cycle, which takes all vGPUs (B38). */
function repair(gpu: Gpu, { state, reason: because }: VfsState, key: string): Step[] {
  const device = gpu.address;
  const total = String(gpu.sriov!.total);
  const common = { reason: because, device, requestedBy: [key], limitSeconds: 300 };
  const name = formatGpu(gpu);
  switch (state) {
    case "off":
      return [
        step({
          ...common,
          title: `enable the ${total} virtual functions of ${name}`,
          command: ["enable_vfs", device, total],
          destructive: true,
        }),
      ];
    case "incomplete":
    case "wrong-driver":
      return [
        step({
          ...common,
          title: `disable and enable the virtual functions of ${name}`,
          command: ["cycle_vfs", device, total],
          destructive: true,
        }),
      ];
    case "unbound":
      return [
        step({ ...common, title: `bind the virtual functions of ${name} to nvidia`, command: ["bind_vfs", device] }),
      ];
    case "no-types":
      return [
        step({
          ...common,
          title: `have nvidia-vgpud publish the vGPU types of ${name} again`,
          command: ["publish_types", device, total],
        }),
      ];
    case "ready":
      return [];
  }
}

type Said = Pick<Note, "message" | "permanent">;

function gpuNotes(gpu: Gpu): Said[] {
  // Whoever names such a card wants vGPUs on it, and gets them without (B43).
  if (!usesVirtualFunctions(gpu))
    return [
      { message: `${formatGpu(gpu)} carries its vGPUs itself: it has no virtual functions to enable`, permanent: true },
    ];
  // The third of the causes that leave /sys/class/mdev_bus missing: by design.
  const message = `${formatGpu(gpu)} offers its types in files of its VFs, not in /sys/class/mdev_bus: that is by design`;
  return gpu.framework === "vendor" ? [{ message, permanent: true }] : [];
}

function passthroughNotes(gpu: Gpu): Said[] {
  const theirs = virtualFunctions(gpu).filter((vf) => hasOtherDriver(vf) && isUsed(vf));
  return theirs.map(({ address, driver, users }) => ({
    message: `${address} is bound to ${driver} for ${isKnown(users) ? formatUsers(users) : "somebody"}; it stays, and offers no vGPU`,
  }));
}
