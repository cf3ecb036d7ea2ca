import type { Explainer, Rule } from "./rule";
import { explainBy } from "./rule";

/** Messages of the driver in the kernel's log when it refuses a vGPU. */
const rules: Rule[] = [
  // B78
  {
    line: /vfio_pci_core_device not found/,
    cause: "the virtual function was taken from its driver and bound again, and has accepted no vGPU since",
    hint: "Disable and enable the virtual functions of this GPU. Guests must not use them with managed='yes'",
  },
  // B73
  {
    line: /create request: 0x38/,
    cause: "the GPU has MIG mode on, and no GPU instance for this type",
    hint: "Turn MIG mode off",
  },
  // B54, B55
  {
    line: /create request: 0x56/,
    cause: "the GPU is full, or has vGPUs of another framebuffer size",
    hint: "Run nvidia-smi vgpu -c on the host to see which types can be created",
  },
  // B74
  {
    line: /GPU is not initialized yet/,
    cause: "the GPU was not initialised after a minute",
    hint: "Try again later, or reboot the host",
  },
];

/** Explains why a vGPU was not created, by the last line: earlier ones were retried. */
export const explainVgpu: Explainer = (output) => explainBy(rules, output.trim().split("\n").slice(-1));
