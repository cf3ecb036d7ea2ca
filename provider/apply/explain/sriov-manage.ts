import type { Rule } from "./rule";
import { explainer } from "./rule";

/** What was printed, by sriov-manage or in the kernel's log, and what it means. */
const rules: Rule[] = [
  // B34
  {
    line: /Cannot obtain unbindLock for \S+/,
    hint: "Stop what has the GPU open (an exporter, DCGM, a loop of nvidia-smi), then run it again",
  },
  // B29
  {
    line: /IOMMU is not present/,
    cause: "the IOMMU is off, so virtual functions get no driver",
    hint: "Turn it on with VgpuManagerInstall's iommu, or in the firmware, and reboot",
  },
  // B41
  {
    line: /pci-pf-stub.*not found/i,
    cause: "the running kernel has no module pci-pf-stub",
    hint: "Install linux-modules-extra for the running kernel, or its full set of modules",
  },
  {
    line: /not enough MMIO resources|bus number out of range/,
    hint: "Turn on 4G decoding, ARI and SR-IOV in the host's firmware",
  },
  // B40
  { line: /with a reboot only/, hint: "Reboot the host, then run it again" },
];

/** Why virtual functions did not come or go, by what their step printed. */
export const explainSriovManage = explainer(...rules);
