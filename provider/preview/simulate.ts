import { knownModelOf, knownTypesOf } from "../model/catalogue";
import type { DriverVersion } from "../model/driver-version";
import type { Gpu, VgpuFunction } from "../model/facts/gpu";
import type { HostFacts } from "../model/facts/host-facts";
import type { PciAddress } from "../model/pci-address";
import { addressOfVf } from "../model/pci-address";
import { isKnown, unknown } from "../model/unknown";
import { usesVirtualFunctions } from "../plan/gpu/vf-support";

const notRunningYet = unknown("what is below it is not up yet");

/** The host as it will be once this driver runs: no VF and no vGPU is left from before (B48), and nothing that was loaded. */
export function withDriverLoaded(facts: HostFacts, version: DriverVersion, iommuOn: boolean): HostFacts {
  const kernels = facts.boot.kernels.map((kernel) => ({ ...kernel, pciPfStub: true }));
  return {
    ...facts,
    system: {
      ...facts.system,
      iommu: { ...facts.system.iommu, active: facts.system.iommu.active || iommuOn },
      tools: { ...facts.system.tools, lspci: facts.system.tools.lspci ?? "lspci" },
    },
    boot: { ...facts.boot, kernels },
    driver: {
      ...facts.driver,
      flavour: "vgpu-manager",
      loaded: version,
      onDisk: version,
      sriovManage: true,
      services: notRunningYet,
    },
    gpus: facts.gpus.map(gpuWithDriver),
    vgpus: [],
    holders: [],
  };
}

/** One that is passed through whole is not the driver's then either. */
function gpuWithDriver(gpu: Gpu): Gpu {
  if (gpu.driver === "vfio-pci") return gpu;
  const itself = functionAt(gpu.address, null, gpu.iommuGroup, usesVirtualFunctions(gpu) ? null : "mdev");
  return {
    ...gpu,
    model: gpu.model ?? knownModelOf(gpu.deviceId),
    driver: "nvidia",
    // Nobody can tell without the driver; one in MIG mode is found when it is up.
    mig: isKnown(gpu.mig) ? gpu.mig : null,
    sriov: gpu.sriov && { ...gpu.sriov, enabled: 0 },
    framework: usesVirtualFunctions(gpu) ? null : "mdev",
    types: typesOf(gpu),
    functions: [itself],
  };
}

/** The host as it will be once these virtual functions are on and offer types; a cycle of them leaves no vGPU (B38). */
export function withVfsEnabled(
  facts: HostFacts,
  enabling: ReadonlySet<string>,
  cycled: ReadonlySet<string>,
): HostFacts {
  return {
    ...facts,
    gpus: facts.gpus.map((gpu) => (enabling.has(gpu.address) ? gpuWithVfs(gpu) : gpu)),
    vgpus: facts.vgpus.filter((vgpu) => !cycled.has(vgpu.gpu)),
  };
}

function gpuWithVfs(gpu: Gpu): Gpu {
  const { total = 0 } = gpu.sriov ?? {};
  const itself = gpu.functions.filter(({ index }) => index === null);
  const vfs = Array.from({ length: total }, (_, index) =>
    functionAt(addressOfVf(gpu.address, gpu.sriov!, index), index, null, "mdev"),
  );
  return {
    ...gpu,
    sriov: gpu.sriov && { ...gpu.sriov, enabled: total },
    framework: "mdev",
    types: typesOf(gpu),
    functions: [...itself, ...vfs],
  };
}

const functionAt = (
  address: PciAddress,
  index: number | null,
  iommuGroup: number | null,
  framework: VgpuFunction["framework"],
): VgpuFunction => ({
  address,
  index,
  driver: "nvidia",
  iommuGroup,
  framework,
  creatable: notRunningYet,
  users: [],
});

/** As the host lists them, or will by all that is known. */
const typesOf = (gpu: Gpu) => (gpu.types.length > 0 ? gpu.types : (knownTypesOf(gpu.deviceId) ?? []));
