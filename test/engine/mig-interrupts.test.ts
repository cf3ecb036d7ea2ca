import { migVendorCards } from "../lab/cards/sets";
import { hasSomeVfsOf, interruptionScenario } from "./interruption-scenario";
import { migProgram } from "./mig-program";

interruptionScenario("MIG-backed vGPUs of an RTX PRO 6000, interrupted at every step", {
  host: { cards: migVendorCards, state: "ready", driver: "580.105.06" },
  declared: async (lab, vgpus) =>
    migProgram(lab, {
      mig: { enabled: ["Server Edition"] },
      layouts: { "Server Edition": vgpus },
      restoreAtBoot: false,
    }),
  interrupts: [
    { calls: "set_mig_mode", kills: "step", declares: { "DC-1-3Q": 9 } },
    { calls: "enable_vfs", middle: hasSomeVfsOf("0000:c4"), kills: "runner" },
    { calls: "create_gpu_instance", kills: "run" },
    { calls: "set_type", middle: "vgpus() >= 3", kills: "step" },
    { calls: "clear_type", middle: "vgpus() <= 7", kills: "run", declares: { "DC-2-24Q": 4 } },
    { calls: "destroy_gpu_instance", kills: "runner" },
  ],
});
