import type { Guest, GuestDevice } from "../../model/facts/users";
import type { PciAddress } from "../../model/pci-address";
import { isPciAddress, pciAddress } from "../../model/pci-address";
import type { Capture } from "../capture";

const machines = "/etc/pve/qemu-server";

export function proxmoxGuests(capture: Capture): Guest[] {
  return capture
    .list(machines)
    .map((file) => /^(\d+)\.conf$/.exec(file)?.[1])
    .filter((id) => id !== undefined)
    .sort((a, b) => Number(a) - Number(b))
    .map((id) => ({
      kind: "proxmox" as const,
      name: id,
      running: isRunning(capture, id),
      devices: hostDevices(capture, id),
    }))
    .filter(({ devices }) => devices.length);
}

/** Checks the process too: the pid file of a crashed machine remains. */
function isRunning(capture: Capture, id: string): boolean {
  const pid = capture.value(`/run/qemu-server/${id}.pid`);
  return pid !== null && capture.exists(`/proc/${pid.trim()}/comm`);
}

/** Parses `hostpci0: 0000:41:00.4,mdev=nvidia-558,pcie=1`, or `mapping=NAME`; after the first `[` follow snapshots. */
function hostDevices(capture: Capture, id: string): GuestDevice[] {
  const lines = capture.read(`${machines}/${id}.conf`);
  const snapshots = lines.findIndex((line) => line.startsWith("["));
  return (snapshots < 0 ? lines : lines.slice(0, snapshots)).flatMap((line): GuestDevice[] => {
    const named = argument(line);
    if (named) return [named];
    const options = /^hostpci\d+:\s*(.*)$/.exec(line)?.[1]?.split(",");
    if (!options) return [];
    const option = (name: string) =>
      options.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
    const mdevType = option("mdev");
    const mapping = option("mapping");
    const addresses = mapping ? mapped(capture, mapping) : functionsIn(option("host") ?? options[0]!);
    if (mapping && !addresses.length) return [{ mapping, mdevType }];
    return addresses.map((address) => ({ address, mdevType }));
  });
}

/** Parses QEMU arguments of a line `args:`: `sysfsdev=/sys/bus/mdev/devices/UUID` or `host=41:00.4`. */
function argument(line: string): GuestDevice | null {
  const name = /^(?:sysfsdev|host)=(?:.*\/)?([^/]+)\/?$/.exec(line)?.[1] ?? "";
  if (isPciAddress(name)) return { address: pciAddress(name), mdevType: null };
  return /^[0-9a-f]{8}-/i.test(name) ? { mdev: name.toLowerCase() } : null;
}

/** Parses addresses with `;` between them. Without a function number all functions are meant, and the GPU is the first. */
function functionsIn(text: string): PciAddress[] {
  const written = text.split(";").map((part) => (isPciAddress(part) ? part : `${part}.0`));
  return written.filter(isPciAddress).map(pciAddress);
}

/** Resolves a mapping: `pci: NAME`, then a line `map id=...,node=NODE,path=ADDRESS` for each device of each cluster node. */
function mapped(capture: Capture, mapping: string): PciAddress[] {
  const node = capture.value("/proc/sys/kernel/hostname");
  let name = "";
  return capture.read("/etc/pve/mapping/pci.cfg").flatMap((line) => {
    name = /^pci:\s*(\S+)/.exec(line)?.[1] ?? name;
    const words = line
      .trim()
      .replace(/^map\s+/, "")
      .split(",");
    const path = words.find((word) => word.startsWith("path="))?.slice("path=".length);
    return name === mapping && path && words.includes(`node=${node}`) ? functionsIn(path) : [];
  });
}

/** Returns the id of the machine that an mdev belongs to. Proxmox derives the UUID from it. */
export function proxmoxOwner(uuid: string): string | null {
  const id = /^\d{8}-0000-0000-0000-(\d{12})$/.exec(uuid)?.[1];
  return id === undefined ? null : String(Number(id));
}
