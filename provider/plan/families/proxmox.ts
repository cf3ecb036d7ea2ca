import { debian, headersFor } from "./debian";
import type { Family } from "./family";

export const proxmox: Family = {
  ...debian,
  packages: {
    ...debian.packages,
    headers: (kernel, owner) => [
      headersFor(owner) ?? `${hasProxmoxNames(kernel) ? "proxmox" : "pve"}-headers-${kernel}`,
    ],
  },
  commandLine: { grub: "update-grub", "proxmox-boot-tool": "proxmox-boot-tool" },
};

/** Since 6.5 the package names begin with proxmox, not pve. */
function hasProxmoxNames(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 5);
}
