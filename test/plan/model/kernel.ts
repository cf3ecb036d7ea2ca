import type { HostFacts } from "../../../provider/model/facts/host-facts";

/** The words of a kernel's command line that turn an IOMMU on, and whether the boot loader is the one that reads where they are written. */
export class ModelKernel {
  private configured: string[] = [];
  private running: string[] = [];
  /** Why it was rebooted from here, and in which boot that was. */
  private rebooted?: { bootId: string; reasons: string[] };

  constructor(private readonly isRead: boolean) {}

  configure(words: readonly string[]): void {
    this.configured = [...new Set([...this.configured, ...words])];
  }

  noteReboot(bootId: string, reason: string): void {
    const before = this.rebooted?.bootId === bootId ? this.rebooted.reasons : [];
    this.rebooted = { bootId, reasons: [...before, reason] };
  }

  boot(): void {
    if (this.isRead) this.running = [...this.configured];
  }

  get hasIommu(): boolean {
    return this.running.includes("intel_iommu=on");
  }

  factsOf({ system, boot }: HostFacts): Pick<HostFacts, "system" | "boot"> {
    return {
      system: { ...system, iommu: { ...system.iommu, active: this.hasIommu, inFirmware: true, vendor: "intel" } },
      boot: {
        ...boot,
        ...(this.rebooted && { rebootedFor: this.rebooted }),
        commandLine: ["quiet", ...this.running],
        next: { ...boot.next, commandLine: ["quiet", ...this.configured] },
        configured: ["quiet", ...this.configured],
      },
    };
  }
}
