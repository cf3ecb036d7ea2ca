import type { BootLoader } from "../../model/facts/boot";

/** What differs between distributions, for one family of them. A new family is a new file beside this one. */
export interface Family {
  /** A word of `install_packages` in apply/host/boot.sh. */
  packageManager: "apt-get" | "dnf" | "zypper";
  packages: {
    compiler: string[];
    make: string[];
    libcHeaders: string[];
    pciutils: string[];
    dkms: string[];
    /** A `name=version` is zypper's. */
    headers: (kernel: string) => string[];
    /** Holds pci-pf-stub where the kernel's own package does not (B41). */
    pciPfStub?: (kernel: string) => string[];
  };
  /** A word of `rebuild_initramfs`. */
  initramfs: "update-initramfs" | "dracut";
  /** By boot loader: a word of `set_kernel_words`. One that is left out is not known how to change. */
  commandLine: Partial<Record<BootLoader, "update-grub" | "grub2-mkconfig" | "grubby" | "proxmox-boot-tool">>;
  /** Modules that have to be there before the installer tries its own. */
  loadFirst: string[];
}
