import type { Vgpu } from "../../model/facts/vgpu";
import { shortName } from "../../model/vgpu-type";

/** `A40-4Q`; where the host does not say, `type 558`. */
export const typeInWords = ({ id, name }: { id: number; name: string | null }): string =>
  name === null ? `type ${id}` : shortName(name);

/** `the A40-4Q on 0000:41:00.4`, with its UUID where it has one. */
export const vgpuInWords = ({ type, uuid, function: at }: Pick<Vgpu, "type" | "uuid" | "function">): string =>
  `the ${typeInWords(type)} ${uuid ? `${uuid} ` : ""}on ${at}`;
