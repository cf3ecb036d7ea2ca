import { join } from "node:path";
import type { Card } from "../cards/cards";
import { oemString } from "../cards/cards";
import type { Image } from "../image/image";

export interface Machine {
  folder: string;
  name: string;
  address: string;
  port: number;
  uuid: string;
  cards: Card[];
  accelerator: "kvm" | "tcg";
}

/**
 * QEMU's command line. A saved state continues only under the same machine, memory and devices, so whatever is changed
 * here must change `machineVersion`, which is part of the name of every saved state.
 */
export const machineVersion = "3";

export function qemuCommand(machine: Machine, image: Image): string[] {
  const { folder, address, port } = machine;
  return [
    "qemu-system-x86_64",
    "-name",
    machine.name,
    "-uuid",
    machine.uuid,
    "-machine",
    "q35",
    // Without a limit on translated code one guest grew to 2 GB.
    "-accel",
    machine.accelerator === "kvm" ? "kvm" : "tcg,thread=multi,tb-size=256",
    // A processor without AVX: programs choose simpler code for it, which is translated faster.
    "-cpu",
    machine.accelerator === "kvm" ? "host" : "Nehalem",
    // Two processors cost a quarter more for the same work under software emulation, and tests run two hosts at once.
    "-smp",
    "1",
    "-m",
    "1024",
    "-nodefaults",
    "-display",
    "none",
    "-vga",
    "none",
    "-no-reboot",
    "-kernel",
    image.grub,
    // Devices before the disks: their PCI slots must not depend on how many disks there are.
    "-device",
    "intel-iommu",
    "-device",
    "vmgenid,guid=auto", // hosts that continue one saved state must not share randomness
    "-netdev",
    `user,id=net,restrict=on,hostfwd=tcp:${address}:${port}-:22`,
    "-device",
    "virtio-net-pci,netdev=net,romfile=",
    "-device",
    "virtio-serial-pci",
    "-chardev",
    `socket,id=agent,path=${join(folder, "agent.sock")},server=on,wait=off`,
    "-device",
    "virtserialport,chardev=agent,name=org.qemu.guest_agent.0",
    "-chardev",
    `socket,id=console,path=${join(folder, "console.sock")},server=on,wait=off,logfile=${join(folder, "console.log")}`,
    "-serial",
    "chardev:console",
    "-qmp",
    `unix:${join(folder, "qmp.sock")},server=on,wait=off`,
    "-drive",
    `file=${join(folder, "disk.qcow2")},if=none,id=disk,format=qcow2,cache=unsafe`,
    "-device",
    "virtio-blk-pci,drive=disk",
    "-drive",
    `file=${image.repository},if=none,id=packages,format=raw,readonly=on`,
    "-device",
    "virtio-blk-pci,drive=packages",
    ...cardArguments(machine.cards),
  ];
}

export const cardArguments = (cards: Card[]): string[] =>
  cards.flatMap((card) => ["-smbios", `type=11,value=${oemString(card)}`]);

/** Is this word, or the option before it, a card? */
export const isCard = (word = ""): boolean => word.startsWith("type=11,value=lab-card=");
