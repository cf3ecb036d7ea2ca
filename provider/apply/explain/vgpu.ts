import type { Explainer } from "../failure";
import type { Rule } from "./rule";
import { explainBy } from "./rule";

/** What the driver says in the kernel's log when it refuses a vGPU, and what it means. */
const rules: Rule[] = [
  // B78
  {
    line: /vfio_pci_core_device not found/,
    cause: "the virtual function was taken from its driver and given back, and carries no vGPU since",
    hint: "Disable and enable the virtual functions of this GPU; guests must not have them managed='yes'",
  },
  // B73
  {
    line: /create request: 0x38/,
    cause: "the card is in MIG mode, and has no GPU instance for this type",
    hint: "Turn MIG mode off",
  },
  // B54, B55
  {
    line: /create request: 0x56/,
    cause: "the card is full, or carries vGPUs of another framebuffer size",
    hint: "nvidia-smi vgpu -c shows what can be created",
  },
  // B74
  {
    line: /GPU is not initialized yet/,
    cause: "the GPU was not initialised after a minute",
    hint: "Try again later, or reboot the host",
  },
];

/** Why a vGPU was not made, by the last line that its step printed: what came before it was tried again. */
export const explainVgpu: Explainer = (output) => explainBy(rules, output.trim().split("\n").slice(-1));
