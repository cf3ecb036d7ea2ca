import { hostLibrary } from "../apply";
import type { HostFacts } from "../model/facts/host-facts";
import type { Goal, Plan } from "../plan";
import { plan } from "../plan";
import { hostFacts, probeScript } from "../probe";
import type { Ssh } from "../ssh";
import type { FactsReader } from "./facts-reader";

/** What a host is looked at and changed with. */
export interface HostDependencies {
  plan: (facts: HostFacts, goals: readonly Goal[]) => Plan;
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

export const defaultDependencies = (): HostDependencies => ({
  plan,
  facts: hostFacts,
  probe: probeScript(),
  library: hostLibrary(),
  folder: "/run/nvidia-vgpu",
  bootIdFile: "/proc/sys/kernel/random/boot_id",
  lostSeconds: 60,
  silenceSeconds: 180,
});

/** What is done on one machine is done through these. */
export interface HostHandle {
  ssh: Ssh;
  /** The same machine over the same connection, for asking again and again: each attempt to connect ends soon. */
  pollingSsh: Ssh;
  reader: FactsReader;
  dependencies: HostDependencies;
}
