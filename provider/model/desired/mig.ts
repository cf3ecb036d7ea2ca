import { z } from "zod";
import { GpuSelector } from "../gpu-selector";
import { RebootPolicy } from "./reboot-policy";
import { RestoreAtBoot } from "./restore-at-boot";

const Gpus = z.array(GpuSelector).default([]);

/** The GPUs of a host with a managed MIG mode. */
export const MigArguments = z
  .strictObject({
    enabled: Gpus.describe("The GPUs with MIG mode on."),
    disabled: Gpus.describe("The GPUs with MIG mode off."),
    reboot: RebootPolicy.default("never").describe(
      "Whether the host may be rebooted where a GPU takes its new mode only after a reset: an A100 or A30 that is in use.",
    ),
    onDelete: z
      .enum(["keep", "disable"])
      .default("keep")
      .describe("What happens to MIG mode when the resource is deleted."),
    restoreAtBoot: RestoreAtBoot.describe(
      "Whether a systemd unit on the host turns MIG mode on again after each boot, before guests start.",
    ),
  })
  .refine(
    ({ enabled, disabled }) => enabled.length + disabled.length > 0,
    "name at least one GPU in enabled or disabled",
  );
export type MigArguments = z.infer<typeof MigArguments>;
