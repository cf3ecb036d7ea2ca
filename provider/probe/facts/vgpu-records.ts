import { Framework } from "../../model/facts/gpu";
import type { MdevDefinition, VgpuRecord } from "../../model/facts/vgpu";
import { isPciAddress, pciAddress } from "../../model/pci-address";
import type { OrUnknown } from "../../model/unknown";
import { isKnown, unknown } from "../../model/unknown";
import type { Capture } from "../capture";
import { isWhole, settings } from "../text";
import { isRoot } from "./processes";

const recordDirectory = "/etc/nvidia-vgpu/vgpus";

/**
 * Reads one file per vGPU, named by its UUID: `owner=`, `function=`, `type=`, and the other fields of model/facts/vgpu.ts. A file of
 * format 2 without `complete=yes` at its end is no record. Other files in the folder are ignored.
 */
export function vgpuRecords(capture: Capture): OrUnknown<VgpuRecord[]> {
  const records = capture
    .list(recordDirectory)
    .filter((name) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name))
    .flatMap((name) => record(name, capture.read(`${recordDirectory}/${name}`)) ?? []);
  return capture.refusal((path) => path.startsWith(recordDirectory)) ?? records;
}

function record(name: string, lines: string[]): VgpuRecord | null {
  const written = settings(lines);
  const { function: at = "", type = "", owner = "", format } = written;
  if (!isPciAddress(at) || !/^\d+$/.test(type)) return null;
  if (format !== undefined && !isWhole(lines)) return null;
  const framework = Framework.safeParse(written.framework).data;
  return {
    uuid: name.toLowerCase(),
    function: pciAddress(at),
    typeId: Number(type),
    owner,
    typeName: written.name || undefined,
    servesAs: written.serves || undefined,
    ...(format !== undefined && {
      instance: written.instance ?? "",
      resource: written.resource || undefined,
      boot: written.boot || undefined,
      gpu: written.gpu || undefined,
      framework,
      parameters: written.parameters ?? "",
      ...(written.adopted === "yes" && { adopted: true as const }),
      ...(written.restore === "yes" && { restore: true as const }),
      ...(written.mdevctl === "yes" && { mdevctl: true as const }),
    }),
  };
}

/** Returns the host's name of a type, from a time when it still listed it. */
export function recordedTypeName(capture: Capture, id: number): string | null {
  const records = vgpuRecords(capture);
  return (isKnown(records) && records.find(({ typeId, typeName }) => typeId === id && typeName)?.typeName) || null;
}

const mdevctlDirectory = "/etc/mdevctl.d";

/** Reads one JSON file per definition: /etc/mdevctl.d/PARENT/UUID. */
export function mdevDefinitions(capture: Capture): OrUnknown<MdevDefinition[]> {
  if (!isRoot(capture)) return unknown("only root may read mdevctl's definitions");
  return capture.list(mdevctlDirectory).flatMap((parent) =>
    capture.list(`${mdevctlDirectory}/${parent}`).flatMap((uuid) => {
      const text = capture.read(`${mdevctlDirectory}/${parent}/${uuid}`).join("\n");
      const type = /"mdev_type"\s*:\s*"([^"]+)"/.exec(text)?.[1];
      return type ? [{ uuid, parent, type, auto: /"start"\s*:\s*"auto"/.test(text) }] : [];
    }),
  );
}
