import type { Family } from "./family";

export const suse: Family = {
  packageManager: "zypper",
  packages: {
    compiler: ["gcc"],
    make: ["make"],
    libcHeaders: ["glibc-devel"],
    pciutils: ["pciutils"],
    // Of PackageHub, which has to be set up.
    dkms: ["dkms"],
    // Package versions have a part that `uname -r` lacks, so the newest is asked for: `6.4.0-150600.23.25-default`.
    headers: (kernel) => [`kernel-${kernel.split("-").at(-1)}-devel`],
  },
  initramfs: "dracut",
  commandLine: { grub: "grub2-mkconfig" },
  // Without it the installer's modules do not load on SLES 15 (SUSE's own hardware test).
  loadFirst: ["vfio_pci_core"],
};
