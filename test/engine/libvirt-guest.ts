import type { LabHost } from "../lab";
import { inGuest } from "../lab/faults/fault";

/** Runs libvirt's guests: Debian's QEMU, without the vGPU, which has no registers in the lab. As QEMU does, it opens the VFIO group of the vGPU, or ends. */
const emulator = "/usr/local/bin/qemu-without-vgpu";
const emulatorScript = `#!/bin/bash
words=()
while [ $# -gt 0 ]; do
    case "$1 $2" in
    "-device "*vfio-pci*)
        path=\${2#*sysfsdev\\":\\"}
        group=$(readlink "\${path%%\\"*}/iommu_group") && exec 7<>"/dev/vfio/\${group##*/}" || exit 1
        shift 2
        ;;
    *) words+=("$1"); shift ;;
    esac
done
exec /usr/bin/qemu-system-x86_64 "\${words[@]}"`;

const domain = (name: string, uuid: string) =>
  `<domain type='qemu'><name>${name}</name><memory unit='MiB'>32</memory><os><type arch='x86_64'>hvm</type></os>
  <devices><emulator>${emulator}</emulator><controller type='usb' model='none'/><memballoon model='none'/>
  <hostdev mode='subsystem' type='mdev' managed='no' model='vfio-pci'><source><address uuid='${uuid}'/></source></hostdev></devices></domain>`;

/** Defines a libvirt guest that has a vGPU and starts with the host. libvirt and its services start at boot from now on. */
export async function defineGuest(lab: LabHost, name: string, uuid: string): Promise<void> {
  await inGuest(
    lab,
    `cat >${emulator} <<'END' && chmod 755 ${emulator}\n${emulatorScript}\nEND
    cat >/run/${name}.xml <<'END'\n${domain(name, uuid)}\nEND
    virsh -q define /run/${name}.xml && virsh -q autostart ${name} && systemctl -q enable libvirtd.service libvirt-guests.service`,
  );
}
