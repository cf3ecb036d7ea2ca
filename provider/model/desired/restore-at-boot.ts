import { z } from "zod";

/** The argument `restoreAtBoot` of MIG mode, virtual functions and vGPUs. */
export const RestoreAtBoot = z
  .boolean()
  .default(true)
  .describe("Whether a systemd unit on the host restores them after each boot, before guests start.");
