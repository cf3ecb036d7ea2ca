import type { HostFacts } from "../../provider/model/facts/host-facts";
import { unknown } from "../../provider/model/unknown";

const rootOnly = unknown("only root sees what other users' processes have open");

/** Returns facts as an ordinary user of the host reads them. */
export const asUser = (facts: HostFacts): HostFacts => ({
  ...facts,
  system: {
    ...facts.system,
    root: false,
    identity: { ...facts.system.identity, productUuid: unknown("/sys/class/dmi/id/product_uuid: Permission denied") },
  },
  gpus: facts.gpus.map((gpu) => ({ ...gpu, functions: gpu.functions.map((one) => ({ ...one, users: rootOnly })) })),
  vgpus: facts.vgpus.map((vgpu) => ({ ...vgpu, users: rootOnly })),
  guests: rootOnly,
  virtualMachines: rootOnly,
  containers: rootOnly,
  holders: rootOnly,
  mdevDefinitions: rootOnly,
});

export const unreadableRecords = unknown("/etc/nvidia-vgpu/vgpus/????????-*: Permission denied");
