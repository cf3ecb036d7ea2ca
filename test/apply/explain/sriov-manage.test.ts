import { expect, test } from "vitest";
import { explainSriovManage } from "../../../provider/apply/explain/explainers";

test.each([
  [
    "the lock, with who holds it",
    "Cannot obtain unbindLock for 0000:41:00.0\nCannot obtain unbindLock for 0000:41:00.0: dcgm-exporter (pid 812) has it open",
    "Cannot obtain unbindLock for 0000:41:00.0: dcgm-exporter (pid 812) has it open",
  ],
  [
    "no IOMMU",
    "Enabling VFs on 0000:41:00.0\n0000:41:00.4 gets no driver: NVRM: Aborting probe for VF 0000:41:00.4 since IOMMU is not present on the system.",
    'the IOMMU is off, so virtual functions get no driver: "0000:41:00.4 gets no driver: NVRM: Aborting probe for VF 0000:41:00.4 since IOMMU is not present on the system."',
  ],
  [
    "no pci-pf-stub",
    "modprobe: FATAL: Module pci-pf-stub not found in directory /lib/modules/6.8.0-49-generic",
    'the running kernel has no module pci-pf-stub: "modprobe: FATAL: Module pci-pf-stub not found in directory /lib/modules/6.8.0-49-generic"',
  ],
  [
    "no room for BARs",
    "nvidia 0000:41:00.0: not enough MMIO resources for SR-IOV",
    "nvidia 0000:41:00.0: not enough MMIO resources for SR-IOV",
  ],
])("%s", (_, output, cause) => {
  expect(explainSriovManage(output)).toMatchObject({ cause, hint: expect.stringMatching(/./) as string });
});

test("unknown output of sriov-manage is not explained", () => {
  expect(explainSriovManage("Enabling VFs on 0000:41:00.0\nsomething else")).toBeNull();
});
