import type { Framework, Gpu } from "../../model/facts/gpu";
import type { VgpuRecord } from "../../model/facts/vgpu";
import type { Claim } from "../goal";

interface More {
  /** The wanted UUID, where the vGPU has one of its own. */
  serves?: string;
  /** It was made by somebody else. */
  adopted?: boolean;
}

/** What the record of a vGPU says beside its place, type and parameters, as words of the step that writes it. */
export function recordEntries(
  { owner, instance, resource }: Claim,
  { uuid }: Gpu,
  framework: Framework,
  { serves, adopted }: More = {},
): string[] {
  const words = { owner, instance, resource, gpu: uuid ?? "", framework, serves, adopted: adopted ? "yes" : undefined };
  return Object.entries(words).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]));
}

/** Another resource has it by now: a replacement, or one under another name. */
export const isOfOtherInstance = ({ instance }: Claim, record: VgpuRecord | null): boolean =>
  record?.instance !== undefined && instance !== "" && record.instance !== instance;

/** Whether a record names the owner, and the instance where it is known. */
export const isRecordedBy = ({ owner, instance }: Claim, record: VgpuRecord): boolean =>
  record.owner === owner && (instance === "" || record.instance === instance);

/** This very resource wrote it, whether its state knows or not: what came behind a lost connection is in no state. */
export const isOfInstance = ({ owner, instance }: Claim, record: VgpuRecord | null): boolean =>
  instance !== "" && record?.owner === owner && record.instance === instance;
