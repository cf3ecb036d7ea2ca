import type { Guest, GuestDevice } from "../../model/facts/users";
import { isPciAddress, pciAddress } from "../../model/pci-address";
import { unknown, type Known } from "../../model/unknown";
import type { Capture } from "../capture";
import { isRoot } from "./processes";
import { proxmoxGuests } from "./proxmox-guests";

/** Virtual machines that name devices of the host, whether they run or not. */
export function guests(capture: Capture): Known<Guest[]> {
  if (!isRoot(capture)) return unknown("only root may read the definitions of virtual machines");
  const refusal = capture.refusal((path) => /^(\/etc|\/run)\/(libvirt\/qemu|pve\/qemu-server)\b/.test(path));
  return refusal ?? [...libvirtGuests(capture), ...proxmoxGuests(capture)];
}

const definitions = "/etc/libvirt/qemu";
const states = "/run/libvirt/qemu";

/** A file a domain, named after it: the definition, which a transient domain lacks, and the state while it runs. */
function libvirtGuests(capture: Capture): Guest[] {
  const files = [definitions, states].flatMap((directory) => capture.list(directory)).filter((name) => name.endsWith(".xml"));
  return [...new Set(files)].sort().map((file) => {
    const lines = [...capture.read(`${definitions}/${file}`), ...capture.read(`${states}/${file}`)];
    const devices = new Map(lines.flatMap(hostDevice).map((device) => [JSON.stringify(device), device]));
    return {
      kind: "libvirt",
      name: file.replace(/\.xml$/, ""),
      running: capture.exists(`${states}/${file}`),
      devices: [...devices.values()],
    };
  });
}

/** `<address uuid='...'/>` or `<address domain='0x0000' bus='0x82' slot='0x00' function='0x0'/>` */
function hostDevice(line: string): GuestDevice[] {
  const attributes = Object.fromEntries([...line.matchAll(/(\w+)=['"](.*?)['"]/g)].map(([, name, value]) => [name!, value!]));
  if (attributes.uuid) return [{ mdev: attributes.uuid.toLowerCase() }];
  const { domain, bus, slot, function: fn } = attributes;
  const address = [hex(domain, 4), hex(bus, 2), hex(slot, 2)].join(":") + `.${hex(fn, 1)}`;
  return isPciAddress(address) ? [{ address: pciAddress(address), mdevType: null }] : [];
}

const hex = (value: string | undefined, digits: number) =>
  Number(value ?? NaN)
    .toString(16)
    .padStart(digits, "0");
