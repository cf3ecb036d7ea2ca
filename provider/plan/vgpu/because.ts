import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import type { WantedVgpu } from "../desire";
import type { Assignment } from "./assign";
import { recordOf, recordsOf } from "./identity";
import { typeInWords, vgpuInWords } from "./in-words";

/** What stands where something else is wanted. */
export function mismatch(instead: Vgpu, gpu: Gpu | null, { type, virtualFunction }: WantedVgpu): string {
  const place =
    virtualFunction !== undefined
      ? ` on virtual function ${virtualFunction}`
      : gpu && gpu.address !== instead.gpu
        ? ` on ${gpu.address}`
        : "";
  return `${typeInWords(instead.type)} on ${instead.function} is there instead of ${type}${place}`;
}

/** Told with what is to be made: by itself it does not say what. */
export const neverMade = "there is none yet";

/** What was seen that makes a creation necessary. */
export function whyAbsent(facts: HostFacts, gpu: Gpu | null, { instead, wanted }: Assignment): string {
  if (instead) return mismatch(instead, gpu, wanted);
  const record = recordsOf(facts).find(({ uuid }) => uuid === wanted.uuid);
  if (!record) return neverMade;
  const name = record.typeName ?? gpu?.types.find(({ id }) => id === record.typeId)?.name ?? null;
  const lost = vgpuInWords({ ...record, type: { id: record.typeId, name } });
  const other = facts.vgpus.find((vgpu) => vgpu.uuid === null && vgpu.function === record.function && !recordOf(facts, vgpu));
  return other ? `${lost} is gone: ${vgpuInWords(other)} took its place` : `${lost} is gone`;
}
