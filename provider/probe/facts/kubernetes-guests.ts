import { z } from "zod";
import type { Guest, GuestDevice } from "../../model/facts/users";
import { isPciAddress, pciAddress } from "../../model/pci-address";
import type { OrUnknown } from "../../model/unknown";
import { unknown } from "../../model/unknown";
import type { Capture } from "../capture";

/** The devices that a kubelet assigned to pods, long before a virtual machine opens them. */
export const checkpoint = "/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint";

const Ids = z.array(z.string()).nullable();

/** The relevant parts. Later versions group ids by NUMA node. The device plugin's answer lists the device nodes of the pod. */
const Checkpoint = z.object({
  Data: z.object({
    PodDeviceEntries: z
      .array(
        z.object({
          PodUID: z.string(),
          DeviceIDs: z.union([Ids, z.record(z.string(), Ids)]),
          AllocResp: z.string().nullish(),
        }),
      )
      .nullable(),
  }),
});

export function kubernetesGuests(capture: Capture): OrUnknown<Guest[]> {
  const text = capture.read(checkpoint).join("\n");
  if (!text) return [];
  const read = Checkpoint.safeParse(parsed(text));
  if (!read.success) return unknown(`${checkpoint} has a format that this version does not support`);
  return (read.data.Data.PodDeviceEntries ?? []).flatMap(({ PodUID, DeviceIDs, AllocResp }) => {
    const ids = Array.isArray(DeviceIDs) ? DeviceIDs : Object.values(DeviceIDs ?? {}).flatMap((some) => some ?? []);
    const devices = [...ids.flatMap(named), ...groups(AllocResp ?? "")];
    return devices.length ? [{ kind: "kubernetes" as const, name: PodUID, running: true, devices }] : [];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function named(id: string): GuestDevice[] {
  if (isPciAddress(id)) return [{ address: pciAddress(id), mdevType: null }];
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? [{ mdev: id.toLowerCase() }] : [];
}

/** Finds IOMMU groups in a base64 protobuf message, which contains the paths as plain text. */
function groups(response: string): GuestDevice[] {
  const nodes = Buffer.from(response, "base64")
    .toString("latin1")
    .matchAll(/\/dev\/vfio\/(\d+)/g);
  return [...new Set([...nodes].map(([, group]) => Number(group)))].map((iommuGroup) => ({ iommuGroup }));
}
