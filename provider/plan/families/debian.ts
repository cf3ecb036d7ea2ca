import type { Family } from "./family";

export const debian: Family = {
  packageManager: "apt-get",
  packages: {
    compiler: ["gcc"],
    make: ["make"],
    libcHeaders: ["libc6-dev"],
    pciutils: ["pciutils"],
    dkms: ["dkms"],
    headers: (kernel, owner) => [headersFor(owner) ?? `linux-headers-${kernel}`],
  },
  initramfs: "update-initramfs",
  commandLine: { grub: "update-grub" },
  loadFirst: [],
};

/**
 * Returns the headers that belong to a kernel's package: linux-headers-6.8.0-49-generic to linux-image-unsigned-6.8.0-49-generic,
 * proxmox-headers-6.8.12-4-pve to proxmox-kernel-6.8.12-4-pve-signed, raspberrypi-kernel-headers to raspberrypi-kernel.
 */
export function headersFor(owner: string | null): string | null {
  const name = owner?.replace(/-(?:un)?signed$/, "").replace(/-image-(?:un)?signed-/, "-image-");
  if (!name || !/-(?:image|kernel)(?:-|$)/.test(name)) return null;
  return name.endsWith("-kernel") ? `${name}-headers` : name.replace(/-(?:image|kernel)-/, "-headers-");
}
