import { z } from "zod";

// lspci leaves the domain out, sysfs has four digits, nvidia-smi eight in upper case (B24). Domains other than 0 exist (B25).
// Without flags, which a JSON Schema cannot express.
const written = /^(?:(?<domain>[\da-fA-F]{4,8}):)?(?<bus>[\da-fA-F]{2}):(?<slot>[01][\da-fA-F])\.(?<function>[0-7])$/;

/** The address of a PCI function, as sysfs writes it: `0000:82:00.0`. Accepts the forms of lspci and nvidia-smi too. */
export const PciAddress = z
  .string()
  .regex(written, { error: (issue) => `"${issue.input}" is not a PCI address such as 0000:82:00.0` })
  .transform(canonical)
  .brand<"PciAddress">();
export type PciAddress = z.infer<typeof PciAddress>;

interface Parts {
  domain: string;
  bus: string;
  slot: string;
  function: string;
}

export const pciAddress = (text: string): PciAddress => PciAddress.parse(text);

export const isPciAddress = (text: string): boolean => written.test(text);

/** Returns the name of libvirt's node device: `pci_0000_82_00_0`. */
export function forLibvirt(address: PciAddress): string {
  return `pci_${address.replace(/[:.]/g, "_")}`;
}

/** Returns NVIDIA's "transformed BDF", which has no domain: `82_00_0`. */
export function transformedBdf(address: PciAddress): string {
  const { bus, slot, function: fn } = partsOf(address);
  return `${bus}_${slot}_${fn}`;
}

/** Returns the bus with its domain, as `/sys/bus/pci/slots/N/address` begins: `0000:82`. */
export function busOf(address: PciAddress): string {
  const { domain, bus } = partsOf(address);
  return `${domain}:${bus}`;
}

/** Returns the address of the VF with this number, by its routing id (linux/drivers/pci/iov.c). */
export function addressOfVf(
  pf: PciAddress,
  { offset, stride }: { offset: number; stride: number },
  index: number,
): PciAddress {
  const { domain, bus, slot, function: fn } = partsOf(pf);
  const id = (parseInt(bus, 16) << 8) + (parseInt(slot, 16) << 3) + Number(fn) + offset + index * stride;
  const hex = (value: number) => value.toString(16).padStart(2, "0");
  return pciAddress(`${domain}:${hex(id >> 8)}:${hex((id >> 3) & 0x1f)}.${id & 7}`);
}

export function partsOf(address: PciAddress): Parts {
  return { ...(written.exec(address)!.groups as unknown as Parts) };
}

function canonical(text: string): string {
  const { domain = "0", bus, slot, function: fn } = written.exec(text)!.groups as unknown as Partial<Parts>;
  const shortest = domain.replace(/^0+/, "").padStart(4, "0");
  return `${shortest}:${bus}:${slot}.${fn}`.toLowerCase();
}
