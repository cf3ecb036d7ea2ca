import type { Guest, GuestDevice, User } from "../../model/facts/users";
import type { OrUnknown } from "../../model/unknown";
import { isUnknown, mapKnown } from "../../model/unknown";
import type { Capture } from "../capture";
import type { OpenFiles } from "./processes";
import { nodePath, processOf } from "./processes";
import { proxmoxOwner } from "./proxmox-guests";
import { mdevDevices, pciDevices } from "./vgpu-types";

/** A PCI function by its address, or a mediated device by its UUID. */
export type Device = { address: string; iommuGroup: number | null } | { mdev: string; iommuGroup: number | null };

type UsersOf = (device: Device) => OrUnknown<User[]>;

/**
 * Finds the users of a device: processes that have it open, processes with it on their command line (a starting QEMU has not opened
 * it yet), and virtual machines that are defined with it.
 */
export function userFinder(capture: Capture, open: OrUnknown<OpenFiles[]>, guests: OrUnknown<Guest[]>): UsersOf {
  if (isUnknown(open)) return () => open;
  return (device) =>
    mapKnown(guests, (machines) => [
      ...processesUsing(capture, open, device),
      ...machines.filter(uses(device)).map(asUser),
    ]);
}

function processesUsing(capture: Capture, open: OpenFiles[], device: Device): User[] {
  const nodes = deviceNodes(capture, device);
  const holding = open.flatMap(({ process, targets }) => {
    const through = targets.find((target) => nodes.includes(nodePath(target, "/vfio/") ?? ""));
    return through ? [{ process, through }] : [];
  });
  const naming = namedOnCommandLines(capture, device).filter(
    (pid) => !holding.some(({ process }) => process.pid === pid),
  );
  return [...holding, ...naming.map((pid) => ({ process: processOf(capture, pid), through: "its command line" }))];
}

/** Returns the ends of the paths of the IOMMU group's node, and of the device's own node, which IOMMUFD uses. */
function deviceNodes(capture: Capture, device: Device): string[] {
  const directory = "mdev" in device ? `${mdevDevices}/${device.mdev}` : `${pciDevices}/${device.address}`;
  const own = capture.list(`${directory}/vfio-dev`).map((name) => `/vfio/devices/${name}`);
  const group = device.iommuGroup;
  return group === null ? own : [`/vfio/${group}`, `/vfio/noiommu-${group}`, ...own];
}

/**
 * Words such as `sysfsdev=/sys/bus/mdev/devices/UUID` and `host":"0000:41:00.4` of QEMU, `path=/sys/bus/pci/devices/ADDRESS/` of
 * cloud-hypervisor, and a bare path of crosvm. A device in a file for -readconfig of QEMU is only found once QEMU has it open.
 */
function namedOnCommandLines(capture: Capture, device: Device): number[] {
  const name = "mdev" in device ? device.mdev : device.address;
  const names = [name, name.replace(/^0000:/, "")];
  const namesDevice = (word: string) =>
    names.includes(
      word
        .replace(/^\w+"?[=:]"?(.*?)\/?$/, "$1")
        .split("/")
        .pop()!
        .toLowerCase(),
    );
  return [...capture.commandWords].filter(([, words]) => words.some(namesDevice)).map(([pid]) => pid);
}

function uses(device: Device): (guest: Guest) => boolean {
  const namesDevice = (wanted: GuestDevice) =>
    ("iommuGroup" in wanted && wanted.iommuGroup === device.iommuGroup) ||
    ("mdev" in device
      ? "mdev" in wanted && wanted.mdev === device.mdev
      : "address" in wanted && wanted.address === device.address);
  return (guest) =>
    guest.devices.some(namesDevice) ||
    ("mdev" in device && guest.kind === "proxmox" && proxmoxOwner(device.mdev) === guest.name);
}

const asUser = ({ kind, name, running }: Guest): User => ({ guest: name, kind, running });
