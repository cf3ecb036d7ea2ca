import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { formatGpu, formatUsers } from "../format";
import type { SriovGoal } from "../goal";
import { usesVirtualFunctions } from "../gpu/vf-support";
import type { VfsState } from "../gpu/vfs";
import { hasOtherDriver, isReady, vfsState, virtualFunctions } from "../gpu/vfs";
import type { BlockerReason, Plan } from "../plan";
import { isInUse } from "../use";
import { cycleBlockers, gpuBlocker, usersLostByVfCycle } from "./blockers";

/** Plans all VFs of one GPU on, bound to the driver, and offering types. */
export function planEnabled(facts: HostFacts, gpu: Gpu, goal: SriovGoal): Plan {
  const { key } = goal;
  const notes = mergePlans(noteModel(gpu, key), notePassedThrough(gpu, key));
  if (!usesVirtualFunctions(gpu) || isReady(gpu)) return notes;
  const blockers = enableBlockers(facts, gpu, goal);
  if (blockers.length) return mergePlans(notes, planBuilder(key).blockedBy(blockers));
  return mergePlans(notes, isStranded(gpu) ? bindPf(gpu, key) : emptyPlan(), repairVfs(gpu, vfsState(gpu), key));
}

function enableBlockers(facts: HostFacts, gpu: Gpu, goal: SriovGoal): BlockerReason[] {
  const unusable = gpuBlocker(gpu);
  if (unusable) return [unusable];
  const { state, reason } = vfsState(gpu);
  if (!needsCycle(state)) return [];
  const found = state === "off" ? reason : `${reason}, which only disabling and enabling all of them repairs`;
  const [first, ...more] = cycleBlockers(facts, gpu, goal);
  return first ? [{ ...first, reason: `${found}, and ${first.reason}` }, ...more] : [];
}

/** Returns why `gpus: "all"` skips this GPU; null if it is to be enabled. */
export function skipReason(facts: HostFacts, gpu: Gpu, goal: SriovGoal): BlockerReason | null {
  const unusable = gpuBlocker(gpu);
  if (unusable || !needsCycle(vfsState(gpu).state)) return unusable;
  return usersLostByVfCycle(facts, gpu, goal)[0] ?? null;
}

const needsCycle = (state: VfsState["state"]) => state === "off" || state === "incomplete" || state === "wrong-driver";

/** Returns whether sriov-manage was interrupted between unbinding the GPU from its driver and binding it again (B36). */
export const isStranded = ({ driver }: Gpu): boolean => driver === null || driver === "pci-pf-stub";

export const bindPf = (gpu: Gpu, key: string): Plan =>
  planBuilder(key).todo(
    `bind ${formatGpu(gpu)} to the driver nvidia again`,
    gpu.driver === null
      ? "it has no driver, as after an interrupted sriov-manage"
      : "an interrupted sriov-manage left it on pci-pf-stub",
    ["bind_pf", gpu.address],
    { device: gpu.address },
  );

/** Plans the smallest repair: publish types, bind drivers, and only then a cycle, which removes all vGPUs (B38). */
function repairVfs(gpu: Gpu, { state, reason }: VfsState, key: string): Plan {
  const device = gpu.address;
  const total = String(gpu.sriov!.total);
  const name = formatGpu(gpu);
  const repair = (title: string, command: string[], destructive?: true) =>
    planBuilder(key).todo(title, reason, command, { device, limitSeconds: 300, ...(destructive && { destructive }) });
  switch (state) {
    case "off":
      return repair(`enable the ${total} virtual functions of ${name}`, ["enable_vfs", device, total], true);
    case "incomplete":
    case "wrong-driver":
      return repair(`disable and enable the virtual functions of ${name}`, ["cycle_vfs", device, total], true);
    case "unbound":
      return repair(`bind the virtual functions of ${name} to nvidia`, ["bind_vfs", device]);
    case "no-types":
      return repair(`have nvidia-vgpud publish the vGPU types of ${name} again`, ["publish_types", device, total]);
    case "ready":
      return emptyPlan();
  }
}

/** Explains what looks like a fault on this model of GPU, and is none. */
function noteModel(gpu: Gpu, key: string): Plan {
  const { noted } = planBuilder(key);
  const more = { device: gpu.address, permanent: true } as const;
  // Such a GPU has vGPUs without VFs (B43).
  if (!usesVirtualFunctions(gpu))
    return noted(`${formatGpu(gpu)} does not use virtual functions: its vGPUs are created on the GPU`, more);
  // The third of the causes that leave /sys/class/mdev_bus missing: by design.
  if (gpu.framework === "vendor")
    return noted(
      `${formatGpu(gpu)} offers its types in files of its VFs, not in /sys/class/mdev_bus: that is by design`,
      more,
    );
  return emptyPlan();
}

function notePassedThrough(gpu: Gpu, key: string): Plan {
  const passedThrough = virtualFunctions(gpu).filter((vf) => hasOtherDriver(vf) && isInUse(vf.users));
  return mergePlans(
    ...passedThrough.map(({ address, driver, users }) =>
      planBuilder(key).noted(
        `${address} is bound to ${driver} ${isKnown(users) ? `for ${formatUsers(users)}` : "and may be in use"}; it stays, and offers no vGPU`,
        { device: gpu.address },
      ),
    ),
  );
}
