import type { Family } from "./family";

export const suse: Family = {
  packageManager: "zypper",
  packages: {
    compiler: ["gcc"],
    make: ["make"],
    libcHeaders: ["glibc-devel"],
    pciutils: ["pciutils"],
    // From PackageHub, which has to be enabled first.
    dkms: ["dkms"],
    // `6.4.0-150600.23.25-default`; install_packages finds the end of the package version, which counts rebuilds.
    headers: (kernel, owner) => {
      const [version, release, flavour] = kernel.split("-");
      // kernel-default-base is a smaller kernel-default, with the same headers.
      return [`${owner?.replace(/-base$/, "") ?? `kernel-${flavour}`}-devel=${version}-${release}`];
    },
  },
  initramfs: "dracut",
  commandLine: { grub: "grub2-mkconfig" },
  // Without it the installer's modules do not load on SLES 15 (SUSE's hardware test).
  loadFirst: ["vfio_pci_core"],
};
