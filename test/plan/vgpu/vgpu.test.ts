import { expect, test } from "vitest";
import { hostdevXml } from "../../../provider/plan/vgpu";
import { caseHost } from "./case";

test("the hostdev XML of an mdev has its UUID", () => {
  const { vgpus } = caseHost({ title: "", capture: "ubuntu-22.04-t4", goals: [] });
  expect(hostdevXml(vgpus[0]!)).toBe(`<hostdev mode='subsystem' type='mdev' managed='no' model='vfio-pci'>
  <source>
    <address uuid='00000021-1111-4222-8333-000000000021'/>
  </source>
</hostdev>
`);
});

test("the hostdev XML of a VF has its address, in any PCI domain, and is never managed (B78)", () => {
  const { vgpus } = caseHost({ title: "", capture: "ubuntu-24.04-l40s-vendor", goals: [] });
  expect(hostdevXml(vgpus[2]!)).toBe(`<hostdev mode='subsystem' type='pci' managed='no'>
  <source>
    <address domain='0x0001' bus='0xc8' slot='0x01' function='0x0'/>
  </source>
</hostdev>
`);
});
