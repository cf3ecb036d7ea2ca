import { z } from "zod";
import { GpuSelector } from "../gpu-selector";
import { RestoreAtBoot } from "./restore-at-boot";

/** The GPUs of a host that should have their virtual functions enabled. */
export const SriovArguments = z.strictObject({
  gpus: z
    .union([z.literal("all"), z.array(GpuSelector).min(1)])
    .describe(
      "The GPUs: selectors, or the word all, which skips GPUs that cannot or must not be changed, with a note.",
    ),
  onDelete: z
    .enum(["keep", "disable"])
    .default("keep")
    .describe("What happens to the virtual functions when the resource is deleted."),
  restoreAtBoot: RestoreAtBoot,
});
export type SriovArguments = z.infer<typeof SriovArguments>;
