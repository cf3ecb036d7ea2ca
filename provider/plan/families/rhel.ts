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
    headers: (kernel, owner) => [
      `${kernelName(kernel, owner)}-devel-${kernel.replace(/\+.*/, "")}`,
      "elfutils-libelf-devel",
    ],
  },
  initramfs: "dracut",
  commandLine: { "grub-bls": "grubby", grub: "grub2-mkconfig" },
  loadFirst: [],
};

/**
 * Returns how the names of a kernel's packages begin: kernel, kernel-rt, kernel-64k, kernel-uek. Without the package, the version shows
 * the flavour: 5.14.0-427.el9.x86_64+rt, 4.18.0-553.rt7.342.el8.x86_64, 5.15.0-209.el9uek.x86_64.
 */
function kernelName(kernel: string, owner: string | null): string {
  if (owner) return owner.replace(/-(?:core|modules|modules-core)$/, "");
  const flavour = /\+(.+)$/.exec(kernel)?.[1] ?? /\.(rt)\d/.exec(kernel)?.[1] ?? /\.el\d+(uek)\./.exec(kernel)?.[1];
  return flavour ? `kernel-${flavour}` : "kernel";
}
