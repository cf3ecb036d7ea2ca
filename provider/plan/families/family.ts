import type { BootLoader } from "../../model/facts/boot";

/** All that differs between distributions, for one family. A new family is a new file in this folder. */
export interface Family {
  /** An argument of `install_packages` in apply/host/packages.sh. */
  packageManager: "apt-get" | "dnf" | "zypper";
  packages: {
    compiler: string[];
    make: string[];
    libcHeaders: string[];
    pciutils: string[];
    dkms: string[];
    /**
     * The headers of a kernel. `owner`: the package that the kernel came with, null if it is unknown; it tells flavours with the same
     * version apart. `name=version` is the syntax of zypper.
     */
    headers: (kernel: string, owner: string | null) => string[];
    /** The packages with pci-pf-stub, if the kernel's own package does not have it (B41). */
    pciPfStub?: (kernel: string) => string[];
  };
  /** An argument of `rebuild_initramfs`. */
  initramfs: "update-initramfs" | "dracut";
  /** An argument of `set_kernel_words` for each boot loader. Other boot loaders are not supported. */
  commandLine: Partial<Record<BootLoader, "update-grub" | "grub2-mkconfig" | "grubby" | "proxmox-boot-tool">>;
  /** Modules that must be loaded before the installer loads its own. */
  loadFirst: string[];
}
