import type { Family } from "./family";

export const rhel: Family = {
  packageManager: "dnf",
  packages: {
    compiler: ["gcc"],
    make: ["make"],
    libcHeaders: ["glibc-devel"],
    pciutils: ["pciutils"],
    // From EPEL, which has to be enabled first.
    dkms: ["dkms"],
    headers: (kernel) => [`kernel-devel-${kernel}`, "elfutils-libelf-devel"],
  },
  initramfs: "dracut",
  commandLine: { "grub-bls": "grubby", grub: "grub2-mkconfig" },
  loadFirst: [],
};
