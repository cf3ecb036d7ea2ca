import { UserError } from "../model/errors";
import type { HostAddress } from "../model/host-address";
import { parseHostAddress } from "../model/host-address";
import { PciAddress } from "../model/pci-address";

/** What the id of an import names: a host, and an object on it. */
export interface ImportId {
  connection: HostAddress;
  object?: string;
}

/** Parses the id of an import: `HOST`, or `HOST/OBJECT`; the host has the forms of the CLI: `USER@HOST:PORT`, IPv6, `ssh://HOST`. */
export function parseImportId(id: string, object: "gpu" | "uuid" | undefined): ImportId {
  const text = id.trim();
  const cut = object === undefined ? text.length : text.lastIndexOf("/");
  const connection = parseHostAddress(text.slice(0, Math.max(cut, 0)));
  const found = text.slice(cut + 1);
  if (connection && (object === undefined || found !== "")) return { connection, object: found || undefined };
  const form = object === undefined ? "HOST" : `HOST/${formOf[object]}`;
  throw new UserError({
    action: `import ${id}`,
    cause: `the id of this kind has the form ${form}, where HOST may be USER@HOST:PORT`,
    hint: `For example: ${object === undefined ? "gpu01.example" : `gpu01.example/${exampleOf[object]}`}`,
  });
}

const formOf = { gpu: "GPU", uuid: "UUID" };
const exampleOf = { gpu: "0000:41:00.0", uuid: "2f0c5a3e-6d0b-5c39-9d0e-6b7a4f6d1c11" };

/** Returns the GPU that an id names: by UUID, or by an address in the form of sysfs, lspci, nvidia-smi or libvirt. */
export function importedGpu(name: string): { uuid: string } | { address: PciAddress } {
  if (/^GPU-/i.test(name)) return { uuid: name };
  const address = PciAddress.safeParse(name.replace(/^pci_(\w+)_(\w+)_(\w+)_(\w)$/, "$1:$2:$3.$4"));
  if (address.success) return { address: address.data };
  throw new UserError({
    action: `import the GPU ${name}`,
    cause: "it is neither a PCI address nor the UUID of a GPU",
    hint: `For example: ${exampleOf.gpu}`,
  });
}
