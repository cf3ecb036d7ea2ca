import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown } from "../../model/unknown";
import type { SriovDesire } from "../desire";
import { gpuInWords, usersInWords } from "../in-words";
import type { Obstacle } from "../obstacle";
import { nothing, step, type Note, type Plan, type Step } from "../plan";
import { takesVfs } from "./carrier";
import { whatACycleTakes } from "./in-the-way";
import { whyNoCycle, whyNotThis } from "./obstacles";
import { isElsewhere, isReady, isUsed, vfsState, virtualFunctions, type VfsState } from "./vfs";

/** All VFs of one GPU on, with the driver, and offering types. */
export function planEnabled(facts: HostFacts, gpu: Gpu, desire: SriovDesire): Plan {
  const { key } = desire;
  const notes = [...nature(gpu), ...lent(gpu)].map((one): Note => ({ ...one, device: gpu.address, for: [key] }));
  if (!takesVfs(gpu) || isReady(gpu)) return { ...nothing(), notes };
  const obstacles = whyNotNow(facts, gpu, desire);
  if (obstacles.length) return { ...nothing(), notes, blockers: obstacles.map((one) => ({ ...one, for: [key] })) };
  return { ...nothing(), notes, steps: [...(isStranded(gpu) ? [bindPf(gpu, key)] : []), ...repair(gpu, vfsState(gpu), key)] };
}

function whyNotNow(facts: HostFacts, gpu: Gpu, desire: SriovDesire): Obstacle[] {
  const never = whyNotThis(gpu);
  if (never) return [never];
  const state = vfsState(gpu);
  if (!needsCycle(state)) return [];
  const what = state.is === "off" ? state.seen : `${state.seen}, which only a cycle of them all puts right`;
  return whyNoCycle(facts, gpu, desire).map((one, i) => (i ? one : { ...one, seen: `${what}, and ${one.seen}` }));
}

/** Why the word "all" leaves this GPU out; null where it is to be enabled. */
export function whyLeftOut(facts: HostFacts, gpu: Gpu, desire: SriovDesire): Obstacle | null {
  return whyNotThis(gpu) ?? (needsCycle(vfsState(gpu)) ? (whatACycleTakes(facts, gpu, desire)[0] ?? null) : null);
}

const needsCycle = ({ is }: VfsState) => is === "off" || is === "incomplete" || is === "elsewhere";

/** sriov-manage was broken off between taking the GPU from its driver and giving it back (B36). */
export const isStranded = ({ driver }: Gpu): boolean => driver === null || driver === "pci-pf-stub";

export const bindPf = (gpu: Gpu, key: string): Step =>
  step({
    does: `give ${gpuInWords(gpu)} back to the driver nvidia`,
    because:
      gpu.driver === null
        ? "it has no driver, as after a sriov-manage that was broken off"
        : "a sriov-manage that was broken off left it on pci-pf-stub",
    run: ["bind_pf", gpu.address],
    device: gpu.address,
    for: [key],
  });

/** The smallest thing that helps: types again, drivers again, and only then a cycle, which takes all vGPUs (B38). */
function repair(gpu: Gpu, { is, seen: because }: VfsState, key: string): Step[] {
  const device = gpu.address;
  const total = String(gpu.sriov!.total);
  const common = { because, device, for: [key], limitSeconds: 300 };
  const name = gpuInWords(gpu);
  switch (is) {
    case "off":
      return [
        step({
          ...common,
          does: `enable the ${total} virtual functions of ${name}`,
          run: ["enable_vfs", device, total],
          wipes: true,
        }),
      ];
    case "incomplete":
    case "elsewhere":
      return [
        step({
          ...common,
          does: `disable and enable the virtual functions of ${name}`,
          run: ["cycle_vfs", device, total],
          wipes: true,
        }),
      ];
    case "unbound":
      return [step({ ...common, does: `bind the virtual functions of ${name} to nvidia`, run: ["bind_vfs", device] })];
    case "untyped":
      return [
        step({ ...common, does: `have nvidia-vgpud publish the vGPU types of ${name} again`, run: ["publish_types", device, total] }),
      ];
    case "ready":
      return [];
  }
}

type Said = Pick<Note, "says" | "lasting">;

function nature(gpu: Gpu): Said[] {
  // Whoever names such a card wants vGPUs on it, and gets them without (B43).
  if (!takesVfs(gpu)) return [{ says: `${gpuInWords(gpu)} carries its vGPUs itself: it has no virtual functions to enable`, lasting: true }];
  // The third of the causes that leave /sys/class/mdev_bus missing: by design.
  const says = `${gpuInWords(gpu)} offers its types in files of its VFs, not in /sys/class/mdev_bus: that is by design`;
  return gpu.framework === "vendor" ? [{ says, lasting: true }] : [];
}

function lent(gpu: Gpu): Said[] {
  const theirs = virtualFunctions(gpu).filter((vf) => isElsewhere(vf) && isUsed(vf));
  return theirs.map(({ address, driver, users }) => ({
    says: `${address} is bound to ${driver} for ${isKnown(users) ? usersInWords(users) : "somebody"}; it stays, and offers no vGPU`,
  }));
}
