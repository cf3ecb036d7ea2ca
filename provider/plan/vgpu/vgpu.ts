import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu, VgpuRecord } from "../../model/facts/vgpu";
import { partsOf } from "../../model/pci-address";
import { isKnown } from "../../model/unknown";
import { shortName } from "../../model/vgpu-type";
import type { Claim } from "../goal";

/** Returns `A40-4Q`, or `type 558` if the host does not show the name. */
export const formatType = ({ id, name }: { id: number; name: string | null }): string =>
  name === null ? `type ${id}` : shortName(name);

/** `the A40-4Q on 0000:41:00.4`, with its UUID where it has one. */
export const formatVgpu = ({ type, uuid, function: at }: Pick<Vgpu, "type" | "uuid" | "function">): string =>
  `the ${formatType(type)} ${uuid ? `${uuid} ` : ""}on ${at}`;

/** `frame_rate_limiter=0, disable_vnc=1` in one spelling, for comparing. */
export const normalizeParameters = (parameters: string | undefined): string =>
  (parameters ?? "")
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean)
    .join(",");

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

export const recordsOf = ({ records }: HostFacts): VgpuRecord[] => (isKnown(records) ? records : []);

/**
 * Returns the record of a vGPU. Without a UUID, a record applies only as long as its VF still has that type (B77), and within the boot in
 * which it was written: no vGPU outlives a reboot (B48, B80), so a vGPU that exists after one was created since. A record of 0.1 does not
 * name its boot: the vGPU is kept, as an adopted one that is never removed.
 */
export function recordOf(facts: HostFacts, vgpu: Vgpu): VgpuRecord | null {
  if (vgpu.uuid !== null) return recordsOf(facts).find(({ uuid }) => uuid === vgpu.uuid) ?? null;
  const { bootId } = facts.system.identity;
  const here = recordsOf(facts).filter(({ function: at, typeId }) => at === vgpu.function && typeId === vgpu.type.id);
  const proved = here.find(({ boot }) => boot === bootId);
  const unproved = here.find(({ boot }) => boot === undefined);
  return proved ?? (unproved ? { ...unproved, adopted: true } : null);
}

/** Returns whether this owner had a vGPU under a UUID in another boot: no vGPU outlives a reboot (B48, B80). */
export function isLostByReboot(facts: HostFacts, uuid: string, { owner }: Claim): boolean {
  const record = recordsOf(facts).find((one) => one.uuid === uuid && one.owner === owner);
  return record?.boot !== undefined && record.boot !== facts.system.identity.bootId;
}

/** Returns the UUID of a vGPU: its own, or that of its record. null: unmanaged, in the vendor framework. */
export const identityOf = (facts: HostFacts, vgpu: Vgpu): string | null =>
  vgpu.uuid ?? recordOf(facts, vgpu)?.uuid ?? null;

/** Returns the vGPU with this UUID: its own, that of its record, or one that it serves as. */
export function findVgpu(facts: HostFacts, uuid: string): Vgpu | null {
  return (
    facts.vgpus.find((vgpu) => identityOf(facts, vgpu) === uuid) ??
    facts.vgpus.find((vgpu) => recordOf(facts, vgpu)?.servesAs === uuid) ??
    null
  );
}
