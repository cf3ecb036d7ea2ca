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
    // `6.4.0-150600.23.25-default`; the end of a package's version, its rebuild, is looked up by install_packages.
    headers: (kernel) => {
      const [version, release, flavour] = kernel.split("-");
      return [`kernel-${flavour}-devel=${version}-${release}`];
    },
  },
  initramfs: "dracut",
  commandLine: { grub: "grub2-mkconfig" },
  // Without it the installer's modules do not load on SLES 15 (SUSE's own hardware test).
  loadFirst: ["vfio_pci_core"],
};
