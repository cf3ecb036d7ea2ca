import { z } from "zod";
import { GpuSelector } from "../gpu-selector";

/** Which GPUs of a host shall have their virtual functions on. */
export const SriovArguments = z.strictObject({
  gpus: z
    .union([z.literal("all"), z.array(GpuSelector).min(1)])
    .describe(
      "The GPUs: selectors, or the word all, which leaves out GPUs that cannot or must not be touched, and says so.",
    ),
  onDelete: z
    .enum(["keep", "disable"])
    .default("keep")
    .describe("What becomes of the virtual functions when the resource is deleted."),
});
export type SriovArguments = z.infer<typeof SriovArguments>;
