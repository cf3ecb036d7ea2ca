import { z } from "zod";
import type { Guest, GuestDevice } from "../../model/facts/users";
import { isPciAddress, pciAddress } from "../../model/pci-address";
import type { OrUnknown } from "../../model/unknown";
import { unknown } from "../../model/unknown";
import type { Capture } from "../capture";

/** What a kubelet has allotted to which pod, long before a virtual machine there opens it. */
export const checkpoint = "/var/lib/kubelet/device-plugins/kubelet_internal_checkpoint";

const Ids = z.array(z.string()).nullable();

/** The parts that matter. Ids are by NUMA node in later versions. The answer of the device plugin names the nodes that the pod gets. */
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

/** A message of protobuf, in base64, with paths as they are. */
function groups(response: string): GuestDevice[] {
  const nodes = Buffer.from(response, "base64")
    .toString("latin1")
    .matchAll(/\/dev\/vfio\/(\d+)/g);
  return [...new Set([...nodes].map(([, group]) => Number(group)))].map((iommuGroup) => ({ iommuGroup }));
}
