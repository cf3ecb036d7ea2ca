import type { Vgpu } from "../../model/facts/vgpu";
import type { Goal, Sibling } from "../goal";

/** Finds the resource of this stack that has a vGPU. For a vGPU without a record: what a record says counts more. */
export const siblingWith = (
  { siblings = [] }: Pick<Goal, "siblings">,
  { uuid, function: at, type }: Vgpu,
): Sibling | undefined =>
  siblings.find((one) => (uuid !== null ? one.uuid === uuid : one.function === at && one.typeId === type.id));
