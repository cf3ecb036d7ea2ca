import type { Explanation } from "../explain";

/** What the driver says in the kernel's log when it refuses a vGPU, and what it means. */
const causes: { pattern: RegExp; seen: string; next: string }[] = [
  // B78
  {
    pattern: /vfio_pci_core_device not found/,
    seen: "the virtual function was taken from its driver and given back, and carries no vGPU since",
    next: "Disable and enable the virtual functions of this GPU; guests must not have them managed='yes'",
  },
  // B73
  {
    pattern: /create request: 0x38/,
    seen: "the card is in MIG mode, and has no GPU instance for this type",
    next: "Turn MIG mode off",
  },
  // B54, B55
  {
    pattern: /create request: 0x56/,
    seen: "the card is full, or carries vGPUs of another framebuffer size",
    next: "nvidia-smi vgpu -c shows what can be created",
  },
  // B74
  {
    pattern: /GPU is not initialized yet/,
    seen: "the GPU was not initialised after a minute",
    next: "Try again later, or reboot the host",
  },
];

/** Why a vGPU was not made, by what its step printed. */
export function explainVgpu(output: string): Explanation | null {
  const last = output.trim().split("\n").at(-1) ?? "";
  const cause = causes.find(({ pattern }) => pattern.test(last));
  return cause ? { seen: `${cause.seen} (${last.trim()})`, next: cause.next } : null;
}
