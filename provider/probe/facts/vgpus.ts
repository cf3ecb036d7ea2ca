import type { Vgpu } from "../../model/facts/vgpu";
import { pciAddress } from "../../model/pci-address";
import { isUnknown } from "../../model/unknown";
import type { Capture } from "../capture";
import type { BareFunction } from "./functions";
import { iommuGroup } from "./functions";
import type { BareGpu } from "./gpus";
import { isRoot } from "./processes";
import type { userFinder } from "./users";
import { currentVendorType, mdevDevices, pciDevices, typeId } from "./vgpu-types";

/** Returns the existing vGPUs, by function, with the type names of the GPU's list. */
export function vgpus(capture: Capture, gpus: BareGpu[], usersOf: ReturnType<typeof userFinder>): Vgpu[] {
  const mediated = capture.list(mdevDevices).flatMap((uuid) => mediatedVgpu(uuid) ?? []);
  const typed = gpus.flatMap((gpu) => gpu.functions.flatMap((fn) => typedVf(gpu, fn) ?? []));
  return [...mediated, ...typed].sort((a, b) => compare(a.function, b.function) || compare(a.uuid ?? "", b.uuid ?? ""));

  /** The link contains the parent: `../../../devices/pci0000:80/0000:80:02.0/0000:82:00.0/UUID`. */
  function mediatedVgpu(uuid: string): Vgpu | null {
    const parent = capture.link(`${mdevDevices}/${uuid}`)?.split("/").at(-2);
    const gpu = gpus.find(({ functions }) => functions.some(({ address }) => address === parent));
    const type = capture.linkName(`${mdevDevices}/${uuid}/mdev_type`);
    // Other drivers also have mediated devices.
    if (!gpu || !parent || !type) return null;
    const group = iommuGroup(capture, `${mdevDevices}/${uuid}`);
    return {
      framework: "mdev",
      uuid: uuid.toLowerCase(),
      gpu: gpu.address,
      function: pciAddress(parent),
      type: named(gpu, typeId(type)),
      iommuGroup: group,
      ...placement(`${mdevDevices}/${uuid}`),
      ...parametersIn(capture, `${mdevDevices}/${uuid}/nvidia/vgpu_params`),
      users: usersOf({ mdev: uuid, iommuGroup: group }),
    };
  }

  /** The file of a time-sliced vGPU has a negative number, or cannot be read. */
  function placement(device: string): Pick<Vgpu, "gpuInstance" | "placementId"> {
    const [gpuInstance, placementId] = ["gpu_instance_id", "placement_id"].map((file) => {
      const id = capture.value(`${device}/nvidia/${file}`)?.trim();
      return id !== undefined && /^\d+$/.test(id) ? Number(id) : null;
    }) as [number | null, number | null];
    return { gpuInstance, placementId };
  }

  function typedVf(gpu: BareGpu, fn: BareFunction): Vgpu | null {
    const type = currentVendorType(capture, fn.address);
    if (type === null) return null;
    return {
      framework: "vendor",
      uuid: null,
      gpu: gpu.address,
      function: fn.address,
      type: named(gpu, type),
      iommuGroup: fn.iommuGroup,
      ...placement(`${pciDevices}/${fn.address}`),
      ...parametersIn(capture, `${pciDevices}/${fn.address}/nvidia/vgpu_params`),
      users: usersOf(fn),
    };
  }
}

function parametersIn(capture: Capture, file: string): Pick<Vgpu, "parameters" | "parametersUnread"> {
  const isUnread = !isRoot(capture) && isUnknown(capture.readable(file));
  return { parameters: (capture.value(file) ?? "").trim(), ...(isUnread && { parametersUnread: true }) };
}

const named = (gpu: BareGpu, id: number) => ({ id, name: gpu.types.find((type) => type.id === id)?.name ?? null });

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
