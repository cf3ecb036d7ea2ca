import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import type { DesiredVgpu } from "../goal";
import type { Assignment } from "./assign";
import { formatType, formatVgpu, recordOf, recordsOf } from "./vgpu";

/** Returns how an existing vGPU differs from the desired one. */
export function mismatchReason(existing: Vgpu, gpu: Gpu | null, { type, virtualFunction }: DesiredVgpu): string {
  const place =
    virtualFunction !== undefined
      ? ` on virtual function ${virtualFunction}`
      : gpu && gpu.address !== existing.gpu
        ? ` on ${gpu.address}`
        : "";
  return `${formatType(existing.type)} on ${existing.function} is there instead of ${type}${place}`;
}

/** Printed next to the title of a step, which names what is created. */
export const notCreatedYet = "missing";

/** Returns why a vGPU has to be created. */
export function absenceReason(facts: HostFacts, gpu: Gpu | null, { conflicting, desired }: Assignment): string {
  if (conflicting) return mismatchReason(conflicting, gpu, desired);
  const record = recordsOf(facts).find(({ uuid }) => uuid === desired.uuid);
  if (!record) return notCreatedYet;
  const name = record.typeName ?? gpu?.types.find(({ id }) => id === record.typeId)?.name ?? null;
  const lost = formatVgpu({ ...record, type: { id: record.typeId, name } });
  const other = facts.vgpus.find(
    (vgpu) => vgpu.uuid === null && vgpu.function === record.function && !recordOf(facts, vgpu),
  );
  return other ? `${lost} is gone: ${formatVgpu(other)} took its place` : `${lost} is gone`;
}
