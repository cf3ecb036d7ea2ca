import { z } from "zod";
import { UserError } from "./errors";
import type { Gpu } from "./facts/gpu";
import { PciAddress } from "./pci-address";

const gpuUuid = /^[Gg][Pp][Uu]-[\da-fA-F]{8}(-[\da-fA-F]{4}){3}-[\da-fA-F]{12}$/;

/** How a user selects a GPU. A plain string is an address. */
export const GpuSelector = z.union([
  PciAddress.transform((address) => ({ address })),
  z.strictObject({ address: PciAddress.describe("PCI address, as lspci or nvidia-smi print it.") }),
  z.strictObject({
    uuid: z
      .string()
      .regex(gpuUuid, "a GPU's UUID has the form GPU-11111111-2222-3333-4444-555555555555")
      .describe("UUID, as nvidia-smi -L prints it."),
  }),
  z.strictObject({
    model: z.string().min(1).describe("Whole words of the model name: L40S, RTX A5000."),
    index: z
      .int()
      .min(0)
      .optional()
      .describe("Number of the GPU among several of this model, by address, starting at 0."),
  }),
  z.strictObject({ slot: z.string().min(1).describe("Slot of the GPU, by the firmware's name.") }),
]);
export type GpuSelector = z.infer<typeof GpuSelector>;

/** Returns the selected GPU. Throws if none or several match. */
export function resolveGpu(selector: GpuSelector, gpus: Gpu[]): Gpu {
  const found = gpus.filter(matcherFor(selector));
  const chosen = "model" in selector && selector.index !== undefined ? found[selector.index] : found[0];
  const ambiguous = found.length > 1 && !("model" in selector && selector.index !== undefined);
  if (chosen && !ambiguous) return chosen;
  throw new UserError({
    action: `find the GPU ${describeSelector(selector)}`,
    cause: chosen
      ? `${found.length} GPUs match: ${list(found)}`
      : gpus.length
        ? `the host has ${list(gpus)}`
        : "the host has no NVIDIA GPU",
    hint: chosen ? "Select one by address, or by model and index" : undefined,
  });
}

export function describeSelector(selector: GpuSelector): string {
  if ("address" in selector) return selector.address;
  if ("uuid" in selector) return selector.uuid;
  if ("slot" in selector) return `in slot ${selector.slot}`;
  return selector.index === undefined ? `"${selector.model}"` : `"${selector.model}" number ${selector.index}`;
}

/** Returns whether two selectors may match the same GPU. An address and a model are not compared. */
export function mayMatchSameGpu(a: GpuSelector, b: GpuSelector): boolean {
  if ("model" in a && "model" in b) {
    const [left, right] = [words(a.model), words(b.model)];
    const sameModel = contains(left, right) || contains(right, left);
    return sameModel && (a.index === undefined || b.index === undefined || a.index === b.index);
  }
  return describeSelector(a).toLowerCase() === describeSelector(b).toLowerCase();
}

function matcherFor(selector: GpuSelector): (gpu: Gpu) => boolean {
  if ("address" in selector) return (gpu) => gpu.address === selector.address;
  if ("uuid" in selector) return (gpu) => gpu.uuid?.toLowerCase() === selector.uuid.toLowerCase();
  if ("slot" in selector) return (gpu) => gpu.slot === selector.slot;
  const selectedWords = words(selector.model);
  return (gpu) => gpu.model !== null && contains(words(gpu.model), selectedWords);
}

// "A40" matches "NVIDIA A40" and the PCI list's "[A40]", but not "A400": whole words, next to each other.
const words = (model: string) =>
  model
    .toLowerCase()
    .split(/[^a-z0-9+.]+/)
    .filter((word) => word && word !== "nvidia");

function contains(all: string[], wanted: string[]): boolean {
  return wanted.length > 0 && all.some((_, start) => wanted.every((word, i) => word === all[start + i]));
}

const list = (gpus: Gpu[]) => gpus.map((gpu) => `${gpu.address} (${gpu.model ?? gpu.deviceId})`).join(", ");
