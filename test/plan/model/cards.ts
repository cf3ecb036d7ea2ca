import { knownType } from "../../../provider/model/catalogue";
import type { VgpuType } from "../../../provider/model/facts/gpu";
import type { User } from "../../../provider/model/facts/users";
import type { PciAddress } from "../../../provider/model/pci-address";
import { pciAddress } from "../../../provider/model/pci-address";
import { shortName, sizeInName } from "../../../provider/model/vgpu-type";

/** A kind of card, and how it carries vGPUs on this host. */
export const kinds = {
  A40: { deviceId: "2235", model: "NVIDIA A40", vfs: 32, framework: "mdev" },
  L40S: { deviceId: "26b9", model: "NVIDIA L40S", vfs: 32, framework: "vendor" },
  T4: { deviceId: "1eb8", model: "Tesla T4", vfs: 0, framework: "mdev" },
} as const;

export type Kind = keyof typeof kinds;

/** Types that random programs ask for, of several sizes and series. */
export const sizes: Record<Kind, string[]> = {
  A40: ["A40-12Q", "A40-12C", "A40-24Q", "A40-6Q", "A40-4Q", "A40-2B", "A40-48Q"],
  L40S: ["L40S-12Q", "L40S-24Q", "L40S-6Q", "L40S-4Q", "L40S-2B", "L40S-48Q"],
  T4: ["T4-2Q", "T4-2B", "T4-2B4", "T4-4Q", "T4-8Q", "T4-16Q"],
};

export interface ModelCard {
  kind: Kind;
  address: PciAddress;
  /** null: the driver does not tell. */
  uuid: string | null;
  driver: "nvidia" | null;
  /** Its VFs are on. */
  on: boolean;
  /** Their addresses, on or off. */
  vfs: PciAddress[];
  /** Of the VFs by number, what is wrong with them. */
  unbound: Set<number>;
  untyped: Set<number>;
}

/** Who made a vGPU. Known to the model only: rules must not rest on records, which can be lost or wrong. */
export interface Maker {
  /** A state of some stack; null: a person, by hand. */
  stack: string | null;
  /** The URN of the resource. */
  resource?: string;
  /** The program says that it takes over what others made. */
  takesOver?: boolean;
}

export interface ModelVgpu {
  card: ModelCard;
  function: PciAddress;
  /** null in the vendor framework. */
  uuid: string | null;
  type: VgpuType;
  parameters: string;
  users: User[];
  maker: Maker;
}

/** A step that the host refuses, and why. A plan must not come to this. */
export class Refused extends Error {}

export function newCard(kind: Kind, address: string, on: boolean): ModelCard {
  return {
    kind,
    address: pciAddress(address),
    uuid: null,
    driver: "nvidia",
    on,
    vfs: Array.from({ length: kinds[kind].vfs }, (_, vf) => functionAt(pciAddress(address), vf)),
    unbound: new Set(),
    untyped: new Set(),
  };
}

export const isOnVfs = ({ kind }: ModelCard): boolean => kinds[kind].vfs > 0;

export function functionsOf(card: ModelCard): PciAddress[] {
  if (!isOnVfs(card)) return [card.address];
  return card.on ? card.vfs : [];
}

/** VF n of a card at 0000:41:00.0 sits at 0000:41:00.4 and on. */
function functionAt(card: PciAddress, n: number): PciAddress {
  const place = n + 4;
  return pciAddress(`${card.slice(0, -"00.0".length)}${(place >> 3).toString(16).padStart(2, "0")}.${place & 7}`);
}

export const typesOf = (kind: Kind): VgpuType[] => typesByKind[kind];

export function typeBy(kind: Kind, idOrName: string): VgpuType {
  const type = typesOf(kind).find(({ id, name }) => String(id) === idOrName || shortName(name!) === idOrName);
  if (!type) throw new Refused(`${kind} has no type ${idOrName}`);
  return type;
}

const allTypes: VgpuType[] = Array.from({ length: 2500 }, (_, id) => id).flatMap((id) => {
  const known = knownType(id);
  const size = known && sizeInName(known.name);
  return known && size && known.maxInstances
    ? [
        {
          id,
          name: known.name,
          framebufferMiB: size.framebufferMiB,
          series: size.series,
          maxInstances: known.maxInstances,
        },
      ]
    : [];
});

const typesByKind = Object.fromEntries(
  Object.keys(kinds).map((kind) => [kind, allTypes.filter(({ name }) => shortName(name!).startsWith(`${kind}-`))]),
) as Record<Kind, VgpuType[]>;
