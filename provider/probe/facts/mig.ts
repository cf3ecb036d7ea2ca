import type { GpuInstance, GpuInstanceProfile, Mig, MigVgpuType } from "../../model/facts/mig";
import type { PciAddress } from "../../model/pci-address";
import type { OrUnknown } from "../../model/unknown";
import { isKnown, unknown } from "../../model/unknown";
import type { Capture } from "../capture";
import { typeBlocks } from "./type-blocks";

type MigTables = Pick<Mig, "profiles" | "instances" | "types">;

/**
 * Parses what nvidia-smi prints about MIG on one GPU, by its index and its address. Rows are split at spaces: the columns of the tables
 * move with the branch, and the exit codes are not reliable (B85), so the text decides.
 */
export function migTables(capture: Capture, index: number, address: PciAddress): MigTables {
  const places = placements(capture, index);
  return {
    profiles: isKnown(places) ? profiles(capture, index, places) : places,
    instances: instances(capture, index),
    types: types(capture, address),
  };
}

/** A row of one of the lists, or the sentence that there is none (B111). */
const listed = /^\|\s*\d+\s+MIG |^GPU\s+\d+ Profile ID|^No GPU instances found: Not Found|^No MIG-\w+ devices found/;

/** Returns the lines of a list, or why they are none. */
function list(capture: Capture, section: string): OrUnknown<string[]> {
  const lines = answer(capture, section);
  if (!isKnown(lines) || lines.some((line) => listed.test(line.trim()))) return lines;
  return unknown(lines.find((line) => line.trim())!.trim());
}

/** Returns the lines of a section, or why they do not answer. */
function answer(capture: Capture, section: string): OrUnknown<string[]> {
  const lines = capture.section(section);
  const text = lines.map((line) => line.trim()).filter(Boolean);
  if (!text.length) return unknown("nvidia-smi printed nothing about MIG");
  const refusal = text.find((line) =>
    /Insufficient Permissions|Unknown Error|Failed to (?!.*Not Found)|not recognized/.test(line),
  );
  return refusal ? unknown(refusal) : lines;
}

type Places = Map<number, Pick<GpuInstanceProfile, "starts" | "size">>;

/** Parses `GPU  0 Profile ID 14 Placements: {0,2,4}:2`; one place is `Placement : {0}:8`. */
function placements(capture: Capture, index: number): OrUnknown<Places> {
  const lines = list(capture, "mig-placements");
  if (!isKnown(lines)) return lines;
  const rows = lines
    .map((line) => /^GPU\s+(\d+) Profile ID\s+(\d+) Placements?\s*: \{([\d,]+)\}:(\d+)$/.exec(line.trim()))
    .flatMap((match) => (match && Number(match[1]) === index ? [match] : []));
  return new Map(
    rows.map(([, , id, starts, size]) => [Number(id), { starts: starts!.split(",").map(Number), size: Number(size) }]),
  );
}

/** Parses `|   0  MIG 1g.24gb+me.all  65     1/1        23.62      No     46     4     4   |`. */
function profiles(capture: Capture, index: number, places: Places): OrUnknown<GpuInstanceProfile[]> {
  const lines = list(capture, "mig-profiles");
  if (!isKnown(lines)) return lines;
  return lines.flatMap((line) => {
    const [, gpu, name, id, total] = /^\|\s*(\d+)\s+MIG (\S+)\s+(\d+)\s+\d+\/(\d+)\s/.exec(line) ?? [];
    const place = places.get(Number(id));
    return gpu !== undefined && Number(gpu) === index && place
      ? [{ id: Number(id), name: name!, total: Number(total), ...place }]
      : [];
  });
}

/** Parses `|   2  MIG 2g.20gb         14        3          0:2     |`. An instance without a compute instance is only here (B112). */
function instances(capture: Capture, index: number): OrUnknown<GpuInstance[]> {
  const lines = list(capture, "mig-instances");
  if (!isKnown(lines)) return lines;
  return lines.flatMap((line) => {
    const [, gpu, ...numbers] = /^\|\s*(\d+)\s+MIG \S+\s+(\d+)\s+(\d+)\s+(\d+):(\d+)\s*\|$/.exec(line.trim()) ?? [];
    const [profileId, id, start, size] = numbers.map(Number) as [number, number, number, number];
    return gpu !== undefined && Number(gpu) === index ? [{ id, profileId, start, size }] : [];
  });
}

/** Parses the blocks of `nvidia-smi vgpu -s -v`. A time-sliced type has the profile `N/A`, which is not the profile 0 (B87). */
function types(capture: Capture, address: PciAddress): OrUnknown<MigVgpuType[]> {
  const lines = answer(capture, "vgpu-types");
  if (!isKnown(lines)) return lines;
  return typeBlocks(lines, address).flatMap((block) => {
    const number = (field: string) => Number(/^(0x[0-9a-f]+|\d+)/i.exec(block.get(field) ?? "")?.[0] ?? Number.NaN);
    const profileId = number("GPU Instance Profile ID");
    if (Number.isNaN(profileId)) return [];
    const perInstance = number("Max Instances Per GI");
    return [
      {
        id: number("vGPU Type ID"),
        name: block.get("Name") ?? "",
        framebufferMiB: number("FB Memory"),
        profileId,
        perInstance: Number.isNaN(perInstance) ? 1 : perInstance,
      },
    ];
  });
}
