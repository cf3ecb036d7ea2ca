import type { Vgpu } from "../../model/facts/vgpu";
import { partsOf } from "../../model/pci-address";

/**
 * What a libvirt domain needs to be given a vGPU. Never managed: libvirt would take the VF from its driver, and the vGPU with
 * it (B78). The guest's own PCI address is libvirt's to choose.
 */
export function hostdevXml({ framework, uuid, function: at }: Vgpu): string {
  const { domain, bus, slot, function: number } = partsOf(at);
  return framework === "mdev"
    ? hostdev("type='mdev' managed='no' model='vfio-pci'", `<address uuid='${uuid}'/>`)
    : hostdev(
        "type='pci' managed='no'",
        `<address domain='0x${domain}' bus='0x${bus}' slot='0x${slot}' function='0x${number}'/>`,
      );
}

const hostdev = (attributes: string, address: string) => `<hostdev mode='subsystem' ${attributes}>
  <source>
    ${address}
  </source>
</hostdev>
`;
