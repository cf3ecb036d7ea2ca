import type { Guest, GuestDevice } from "../../model/facts/users";
import { isPciAddress, pciAddress } from "../../model/pci-address";
import type { OrUnknown } from "../../model/unknown";
import { mapKnown, unknown } from "../../model/unknown";
import type { Capture } from "../capture";
import { checkpoint, kubernetesGuests } from "./kubernetes-guests";
import { isRoot } from "./processes";
import { proxmoxGuests } from "./proxmox-guests";

/** Returns virtual machines that name devices of the host, running or not. */
export function guests(capture: Capture): OrUnknown<Guest[]> {
  if (!isRoot(capture)) return unknown("only root may read the definitions of virtual machines");
  if (!capture.exists(lastRead)) return unknown("the definitions of virtual machines could not be read in 10 s");
  const refusal = capture.refusal(
    (path) => libvirt.test(path) || /^(\/etc|\/run)\/(libvirt\/qemu|pve)\b/.test(path) || path === checkpoint,
  );
  if (refusal) return refusal;
  return mapKnown(kubernetesGuests(capture), (pods) => [...libvirtGuests(capture), ...proxmoxGuests(capture), ...pods]);
}

/** The probe reads this file after all definitions, so its presence proves that they were read. */
const lastRead = "/proc/sys/kernel/ostype";

/** Paths of libvirt's definitions on the host, in homes, in container volumes and in containers, and of states of running domains. */
const libvirt =
  /^(\/etc\/libvirt\/qemu|\/run\/libvirt\/qemu|\/.*\/\.config\/libvirt\/qemu|\/proc\/\d+\/root\/etc\/libvirt\/qemu|\/var\/lib\/.*\/_data(\/qemu)?)\/[^/]*\.xml$/;
const states = "/run/libvirt/qemu";

/** Joins the files of each domain by name: the definition, which a transient domain lacks, and the state while it runs. */
function libvirtGuests(capture: Capture): Guest[] {
  const byFile = new Map<string, GuestDevice[]>();
  for (const path of capture.paths(libvirt)) {
    const file = path.split("/").pop()!;
    byFile.set(file, [...(byFile.get(file) ?? []), ...capture.read(path).flatMap(hostDevice)]);
  }
  return [...byFile].sort().map(([file, devices]) => ({
    kind: "libvirt",
    name: file.replace(/\.xml$/, ""),
    running: capture.exists(`${states}/${file}`),
    devices: [...new Map(devices.map((device) => [JSON.stringify(device), device])).values()],
  }));
}

/** Parses `<address uuid='...'/>` or `<address domain='0x0000' bus='0x82' slot='0x00' function='0x0'/>`. */
function hostDevice(line: string): GuestDevice[] {
  const attributes = Object.fromEntries(
    [...line.matchAll(/(\w+)=['"](.*?)['"]/g)].map(([, name, value]) => [name!, value!]),
  );
  if (attributes.uuid) return [{ mdev: attributes.uuid.toLowerCase() }];
  const { domain, bus, slot, function: fn } = attributes;
  const address = `${[hex(domain, 4), hex(bus, 2), hex(slot, 2)].join(":")}.${hex(fn, 1)}`;
  return isPciAddress(address) ? [{ address: pciAddress(address), mdevType: null }] : [];
}

const hex = (value: string | undefined, digits: number) =>
  Number(value ?? NaN)
    .toString(16)
    .padStart(digits, "0");
