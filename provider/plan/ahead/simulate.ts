import { knownModelOf, knownTypesOf } from "../../model/catalogue";
import type { DriverVersion } from "../../model/driver-version";
import type { Gpu, VgpuFunction } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { PciAddress } from "../../model/pci-address";
import { addressOfVf } from "../../model/pci-address";
import { isKnown, unknown } from "../../model/unknown";
import { usesVirtualFunctions } from "../gpu/vf-support";

const notActiveYet = unknown("the driver or the VFs are not active yet");

/** Returns the facts as they will be when this driver runs: without the VFs, vGPUs and holders of before (B48). */
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
      services: notActiveYet,
    },
    gpus: facts.gpus.map(gpuWithDriver),
    vgpus: [],
    holders: [],
  };
}

/** A GPU that is passed through stays so. */
function gpuWithDriver(gpu: Gpu): Gpu {
  if (gpu.driver === "vfio-pci") return gpu;
  const physicalFunction = functionAt(gpu.address, null, gpu.iommuGroup, usesVirtualFunctions(gpu) ? null : "mdev");
  return {
    ...gpu,
    model: gpu.model ?? knownModelOf(gpu.deviceId),
    driver: "nvidia",
    // Not known without the driver. The next plan with the driver finds MIG mode.
    mig: isKnown(gpu.mig) ? gpu.mig : null,
    sriov: gpu.sriov && { ...gpu.sriov, enabled: 0 },
    framework: usesVirtualFunctions(gpu) ? null : "mdev",
    types: typesOf(gpu),
    functions: [physicalFunction],
  };
}

/** Returns the facts as they will be when the VFs of these GPUs are enabled and offer types. A cycle removes all vGPUs (B38). */
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
  const physicalFunctions = gpu.functions.filter(({ index }) => index === null);
  const vfs = Array.from({ length: total }, (_, index) =>
    functionAt(addressOfVf(gpu.address, gpu.sriov!, index), index, null, "mdev"),
  );
  return {
    ...gpu,
    sriov: gpu.sriov && { ...gpu.sriov, enabled: total },
    framework: "mdev",
    types: typesOf(gpu),
    functions: [...physicalFunctions, ...vfs],
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
  creatable: notActiveYet,
  users: [],
});

/** Returns the types that the host lists, or that the tables have. */
const typesOf = (gpu: Gpu) => (gpu.types.length > 0 ? gpu.types : (knownTypesOf(gpu.deviceId) ?? []));
