import { hostLibrary } from "../apply";
import type { HostFacts } from "../model/facts/host-facts";
import type { Goal, Plan } from "../plan";
import { plan } from "../plan";
import { hostFacts, installedProbePath, probeScript } from "../probe";

/** What is needed to read and change a host. Tests replace parts of it. */
export interface HostDependencies {
  plan: (facts: HostFacts, goals: readonly Goal[]) => Plan;
  /** Parses a capture. */
  facts: (capture: string) => HostFacts;
  probe: string;
  /** Where a host may have the probe as a file. */
  installedProbe: string;
  library: string;
  /** The folder of runs on the host. */
  folder: string;
  /** The file on the host that contains the id of this boot. */
  bootIdFile: string;
  /** How long a host may be unreachable during a run. */
  lostSeconds: number;
  /** How long it may send nothing at all during a run. */
  silenceSeconds: number;
}

let read: HostDependencies | undefined;

/** Returns what is used for real hosts. Its files are read once for all of them. */
export const defaultDependencies = (): HostDependencies => (read ??= readDependencies());

const readDependencies = (): HostDependencies => ({
  plan,
  facts: hostFacts,
  probe: probeScript(),
  installedProbe: installedProbePath,
  library: hostLibrary(),
  folder: "/run/nvidia-vgpu",
  bootIdFile: "/proc/sys/kernel/random/boot_id",
  lostSeconds: 60,
  silenceSeconds: 180,
});
