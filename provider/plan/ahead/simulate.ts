import { knownModelOf, knownTypesOf } from "../../model/catalogue";
import type { DriverVersion } from "../../model/driver-version";
import { branchOf } from "../../model/driver-version";
import type { Gpu, VgpuFunction } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { knownMigOf } from "../../model/known-mig";
import type { PciAddress } from "../../model/pci-address";
import { addressOfVf } from "../../model/pci-address";
import { isKnown, unknown } from "../../model/unknown";
import { keepsMigMode } from "../gpu/readiness";
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
    gpus: facts.gpus.map((gpu) => gpuWithDriver(gpu, version)),
    vgpus: [],
    holders: [],
  };
}

/** A GPU that is passed through stays so. */
function gpuWithDriver(gpu: Gpu, version: DriverVersion): Gpu {
  if (gpu.driver === "vfio-pci") return gpu;
  const physicalFunction = functionAt(gpu.address, null, gpu.iommuGroup, usesVirtualFunctions(gpu) ? null : "mdev");
  return {
    ...gpu,
    model: gpu.model ?? knownModelOf(gpu.deviceId),
    driver: "nvidia",
    mig: migWithDriver(gpu, version),
    // Whether the GPU supports it is not known without the driver. R550 has the mode, for GPUs with VFs.
    mixedSizes: gpu.mixedSizes === null && !(usesVirtualFunctions(gpu) && branchOf(version) >= 550) ? null : "off",
    sriov: gpu.sriov && { ...gpu.sriov, enabled: 0 },
    framework: usesVirtualFunctions(gpu) ? null : "mdev",
    types: typesOf(gpu),
    functions: [physicalFunction],
  };
}

/** A GPU that was read without a driver is assumed to have MIG mode off. The next plan with the driver finds it. */
function migWithDriver(gpu: Gpu, version: DriverVersion): Gpu["mig"] {
  const found = isKnown(gpu.mig) ? gpu.mig : null;
  const known = knownMigOf(gpu.deviceId, branchOf(version)) ?? null;
  if (!found) return known && { current: false, pending: false, instances: [], ...known };
  const isOn = found.pending && keepsMigMode(gpu);
  // Another driver lists no types, or those of another release.
  return { ...found, types: notActiveYet, ...known, current: isOn, pending: isOn, instances: [] };
}

/**
 * Returns the facts as they will be when MIG mode of these GPUs has changed, which takes their VFs and GPU instances along, or after a
 * reboot, which takes those of all GPUs along.
 */
export function withMigModes(facts: HostFacts, modes: ReadonlyMap<string, boolean>, isRebooted: boolean): HostFacts {
  const loses = ({ address }: Pick<Gpu, "address">) => isRebooted || modes.has(address);
  const change = (gpu: Gpu): Gpu => {
    const mig = isKnown(gpu.mig) ? gpu.mig : null;
    const isOn = modes.get(gpu.address) ?? (mig?.pending === true && keepsMigMode(gpu));
    return {
      ...gpu,
      mig: mig && { ...mig, current: isOn, pending: isOn, instances: [] },
      mixedSizes: gpu.mixedSizes && "off",
      creatablePlaces: null,
      ...(usesVirtualFunctions(gpu) && {
        sriov: gpu.sriov && { ...gpu.sriov, enabled: 0 },
        framework: null,
        types: knownTypesOf(gpu.deviceId) ?? [],
        functions: gpu.functions.filter(({ index }) => index === null),
      }),
    };
  };
  return {
    ...facts,
    gpus: facts.gpus.map((gpu) => (loses(gpu) ? change(gpu) : gpu)),
    vgpus: facts.vgpus.filter((vgpu) => !loses({ address: vgpu.gpu })),
  };
}

/**
 * Returns the facts as they will be when the VFs of these GPUs are enabled and offer types. A cycle removes all vGPUs (B38), and the GPU
 * instances with them.
 */
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
    mig: isKnown(gpu.mig) && gpu.mig ? { ...gpu.mig, instances: [] } : gpu.mig,
    mixedSizes: gpu.mixedSizes && "off",
    creatablePlaces: null,
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
