import { debian } from "./debian";
import type { Family } from "./family";

export const proxmox: Family = {
  ...debian,
  packages: {
    ...debian.packages,
    headers: (kernel) => [`${hasProxmoxNames(kernel) ? "proxmox" : "pve"}-headers-${kernel}`],
  },
  commandLine: { grub: "update-grub", "proxmox-boot-tool": "proxmox-boot-tool" },
};

/** Since 6.5 the packages are called after Proxmox, not after PVE. */
function hasProxmoxNames(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 5);
}
