import type { Explanation } from "../explain";

/** What was printed, by sriov-manage or in the kernel's log, and what it means. */
const causes: { pattern: RegExp; next: string; seen?: string }[] = [
  // B34
  {
    pattern: /Cannot obtain unbindLock for \S+.*/,
    next: "Stop what has the GPU open (an exporter, DCGM, a loop of nvidia-smi), then run it again",
  },
  // B29
  {
    pattern: /.*IOMMU is not present.*/,
    seen: "the IOMMU is off, so virtual functions get no driver",
    next: "Turn it on with VgpuManagerInstall's iommu, or in the firmware, and reboot",
  },
  // B41
  {
    pattern: /.*pci-pf-stub.*not found.*/i,
    seen: "the running kernel has no module pci-pf-stub",
    next: "Install linux-modules-extra for the running kernel, or its full set of modules",
  },
  {
    pattern: /.*(not enough MMIO resources|bus number out of range).*/,
    next: "Turn on 4G decoding, ARI and SR-IOV in the host's firmware",
  },
  // B40
  { pattern: /.*with a reboot only.*/, next: "Reboot the host, then run it again" },
];

/** Why virtual functions did not come or go, by what their step printed. */
export function explainSriovManage(output: string): Explanation | null {
  for (const { pattern, seen, next } of causes) {
    const last = output.match(new RegExp(pattern, `${pattern.flags}g`))?.at(-1);
    if (last) return { seen: seen ?? last.trim(), next };
  }
  return null;
}
