import type { Rule } from "./rule";
import { explainer } from "./rule";

/** Messages of sriov-manage and of the kernel. */
const rules: Rule[] = [
  // B34
  {
    line: /Cannot obtain unbindLock for \S+/,
    hint: "Stop the process that has the GPU open (an exporter, DCGM, a loop of nvidia-smi), then run it again",
  },
  // B29
  {
    line: /IOMMU is not present/,
    cause: "the IOMMU is off, so virtual functions get no driver",
    hint: "Turn it on with `iommu` of VgpuManagerInstall, or in the firmware, and reboot",
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

/** Explains why virtual functions could not be enabled or disabled. */
export const explainSriovManage = explainer(...rules);
