import type { VgpuRecord } from "../../model/facts/vgpu";
import { isPciAddress, pciAddress } from "../../model/pci-address";
import type { Known } from "../../model/unknown";
import type { Capture } from "../capture";
import { settings } from "../text";

const directory = "/etc/nvidia-vgpu/vgpus";

/** One file a vGPU, called after its UUID: `function=`, `type=`, `owner=`. What else lies there is not ours. */
export function vgpuRecords(capture: Capture): Known<VgpuRecord[]> {
  const records = capture.list(directory).flatMap((uuid) => {
    const { function: at = "", type = "", owner = "" } = settings(capture.read(`${directory}/${uuid}`));
    return isPciAddress(at) && /^\d+$/.test(type) ? [{ uuid: uuid.toLowerCase(), function: pciAddress(at), typeId: Number(type), owner }] : [];
  });
  return capture.refusal((path) => path.startsWith(directory)) ?? records;
}
