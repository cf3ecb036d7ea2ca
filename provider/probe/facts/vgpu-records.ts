import type { VgpuRecord } from "../../model/facts/vgpu";
import { isPciAddress, pciAddress } from "../../model/pci-address";
import { isKnown, type Known } from "../../model/unknown";
import type { Capture } from "../capture";
import { settings } from "../text";

const directory = "/etc/nvidia-vgpu/vgpus";

/**
 * One file a vGPU, called after its UUID: `owner=`, `function=`, `type=`, the type's `name=` where the host told it, `serves=`
 * where it was adopted. What else lies there is not ours.
 */
export function vgpuRecords(capture: Capture): Known<VgpuRecord[]> {
  const records = capture.list(directory).flatMap((uuid) => {
    const { function: at = "", type = "", owner = "", name: typeName, serves: servesAs } = settings(capture.read(`${directory}/${uuid}`));
    if (!isPciAddress(at) || !/^\d+$/.test(type)) return [];
    return [{ uuid: uuid.toLowerCase(), function: pciAddress(at), typeId: Number(type), owner, typeName, servesAs }];
  });
  return capture.refusal((path) => path.startsWith(directory)) ?? records;
}

/** What the host called a type when it still listed it. */
export function recordedTypeName(capture: Capture, id: number): string | null {
  const records = vgpuRecords(capture);
  return (isKnown(records) && records.find(({ typeId, typeName }) => typeId === id && typeName)?.typeName) || null;
}
