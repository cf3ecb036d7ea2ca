import { hostLibrary } from "../apply";
import type { HostFacts } from "../model/facts/host-facts";
import { plan, type Desire, type Plan } from "../plan";
import { hostFacts, probeScript } from "../probe";

/** What a host is looked at and changed with. */
export interface Means {
  plan: (facts: HostFacts, desires: readonly Desire[]) => Plan;
  /** What a capture says. */
  facts: (capture: string) => HostFacts;
  probe: string;
  library: string;
  /** On the host: where runs are kept, and where it tells which boot this is. */
  folder: string;
  bootIdFile: string;
  /** How long a host may be out of reach in the middle of a run. */
  lostSeconds: number;
  /** How long it may send nothing at all meanwhile. */
  silenceSeconds: number;
}

export const ourMeans = (): Means => ({
  plan,
  facts: hostFacts,
  probe: probeScript(),
  library: hostLibrary(),
  folder: "/run/nvidia-vgpu",
  bootIdFile: "/proc/sys/kernel/random/boot_id",
  lostSeconds: 60,
  silenceSeconds: 180,
});
