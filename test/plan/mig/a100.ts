import type { Gpu, VgpuFunction } from "../../../provider/model/facts/gpu";
import type { HostFacts } from "../../../provider/model/facts/host-facts";
import type { GpuInstance, Mig } from "../../../provider/model/facts/mig";
import type { User } from "../../../provider/model/facts/users";
import type { Vgpu } from "../../../provider/model/facts/vgpu";
import type { PciAddress } from "../../../provider/model/pci-address";
import { pciAddress } from "../../../provider/model/pci-address";
import { cards } from "../gpu-instances/profiles";
import { ModelHost } from "../model/host";

export const address = pciAddress("0000:c4:00.0");

const types: Record<string, { id: number; profileId: number; framebufferMiB: number }> = {
  "1-5C": { id: 474, profileId: 19, framebufferMiB: 5120 },
  "2-10C": { id: 475, profileId: 14, framebufferMiB: 10240 },
  "3-20C": { id: 476, profileId: 9, framebufferMiB: 20480 },
  "4-20C": { id: 477, profileId: 5, framebufferMiB: 20480 },
  "7-40C": { id: 478, profileId: 0, framebufferMiB: 40960 },
};

export interface VgpuOnInstance {
  /** `2-10C` */
  type: string;
  /** The number of its VF. */
  on: number;
  /** The id of its GPU instance; left out: the driver does not show it. */
  instance?: number;
  uuid?: string;
  users?: User[];
}

interface A100 {
  mode?: Partial<Pick<Mig, "current" | "pending">>;
  vfs?: "off";
  /** Profile id and first slice. */
  instances?: [profileId: number, start: number][];
  vgpus?: VgpuOnInstance[];
}

/** An A100 40 GB with 16 VFs, MIG mode on, and these GPU instances and vGPUs. */
export function hostWithA100({ mode = {}, vfs, instances = [], vgpus = [] }: A100 = {}): HostFacts {
  const model = new ModelHost();
  const card = model.add("A40", address, vfs !== "off");
  const facts = model.facts();
  const [gpu] = facts.gpus;
  const placed = vgpus.map((one) => vgpuFacts(one, card.vfs));
  return { ...facts, gpus: [{ ...gpu!, ...a100(gpu!, instances, mode) }], vgpus: placed };
}

function a100(gpu: Gpu, instances: [number, number][], mode: Partial<Mig>): Partial<Gpu> {
  const functions = gpu.functions.filter(({ index }) => index === null || index < 16);
  return {
    deviceId: "20f1",
    model: "NVIDIA A100-PCIE-40GB",
    sriov: gpu.sriov && { ...gpu.sriov, total: 16, enabled: Math.min(gpu.sriov.enabled, 16) },
    types: [],
    functions: functions.map((fn): VgpuFunction => ({ ...fn, creatable: {} })),
    mig: {
      current: true,
      pending: true,
      ...mode,
      profiles: [...cards.A100],
      instances: instances.map(([profileId, start], i) => instance(10 + i, profileId, start)),
      types: Object.entries(types).map(([name, type]) => ({ ...type, name: `GRID A100-${name}`, perInstance: 1 })),
    },
  };
}

const instance = (id: number, profileId: number, start: number): GpuInstance => ({
  id,
  profileId,
  start,
  size: cards.A100.find((profile) => profile.id === profileId)!.size,
});

const vgpuFacts = ({ type, on, instance: id = -1, uuid, users = [] }: VgpuOnInstance, vfs: PciAddress[]): Vgpu => ({
  framework: "mdev",
  uuid: uuid ?? `00000000-0000-4000-8000-00000000000${on}`,
  gpu: address,
  function: vfs[on]!,
  type: { id: types[type]!.id, name: `GRID A100-${type}` },
  iommuGroup: 100 + on,
  gpuInstance: id < 0 ? null : id,
  placementId: null,
  parameters: "",
  users,
});
