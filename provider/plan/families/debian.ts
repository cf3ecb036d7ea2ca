import type { Family } from "./family";

export const debian: Family = {
  packageManager: "apt-get",
  packages: {
    compiler: ["gcc"],
    make: ["make"],
    libcHeaders: ["libc6-dev"],
    pciutils: ["pciutils"],
    dkms: ["dkms"],
    headers: (kernel) => [`linux-headers-${kernel}`],
  },
  initramfs: "update-initramfs",
  commandLine: { grub: "update-grub" },
  loadFirst: [],
};
