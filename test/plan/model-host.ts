import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Gpu, VgpuFunction, VgpuType } from "../../provider/model/facts/gpu";
import type { HostFacts } from "../../provider/model/facts/host-facts";
import type { User } from "../../provider/model/facts/users";
import type { Vgpu, VgpuRecord } from "../../provider/model/facts/vgpu";
import { knownType } from "../../provider/model/known-types";
import { pciAddress, type PciAddress } from "../../provider/model/pci-address";
import { shortName, sizeInName } from "../../provider/model/vgpu-type";
import { hostFacts } from "../../provider/probe";

/** A kind of card, and how it carries vGPUs on this host. */
const kinds = {
  A40: { deviceId: "2235", model: "NVIDIA A40", vfs: 32, framework: "mdev" },
  L40S: { deviceId: "26b9", model: "NVIDIA L40S", vfs: 32, framework: "vendor" },
  T4: { deviceId: "1eb8", model: "Tesla T4", vfs: 0, framework: "mdev" },
} as const;

export type Kind = keyof typeof kinds;

export interface ModelCard {
  kind: Kind;
  address: PciAddress;
  driver: "nvidia" | null;
  /** Its VFs are on. */
  on: boolean;
  /** Their addresses, on or off. */
  vfs: PciAddress[];
  /** Of the VFs by number, what is wrong with them. */
  unbound: Set<number>;
  untyped: Set<number>;
}

export interface ModelVgpu {
  card: ModelCard;
  function: PciAddress;
  /** null in the vendor framework. */
  uuid: string | null;
  type: VgpuType;
  parameters: string;
  users: User[];
}

/** Anything that was refused: the words, and why. A plan must not come to this. */
export class Refused extends Error {}

/**
 * A host as the facts say that hosts behave (B52 to B57, B69 to B72, B38), small enough to try thousands of plans on. It gives
 * facts and takes the steps of a plan.
 */
export class ModelHost {
  readonly cards: ModelCard[] = [];
  vgpus: ModelVgpu[] = [];
  readonly records = new Map<string, VgpuRecord>();
  /** The words of all steps that were run. */
  readonly done: string[] = [];

  add(kind: Kind, address: string, on = true): ModelCard {
    const vfs = Array.from({ length: kinds[kind].vfs }, (_, n) => functionAt(pciAddress(address), n));
    const card: ModelCard = {
      kind,
      address: pciAddress(address),
      driver: "nvidia",
      on,
      vfs,
      unbound: new Set(),
      untyped: new Set(),
    };
    this.cards.push(card);
    return card;
  }

  /** As somebody would make it, by hand or by a step. */
  make(card: ModelCard, at: PciAddress, type: VgpuType, uuid: string | null): ModelVgpu {
    if (!this.creatable(card, at)[type.id]) throw new Refused(`${at} has no room for ${type.name}`);
    if (uuid !== null && this.vgpus.some((vgpu) => vgpu.uuid === uuid)) throw new Refused(`${uuid} exists`);
    const vgpu = { card, function: at, uuid, type, parameters: "", users: [] };
    this.vgpus.push(vgpu);
    return vgpu;
  }

  run(words: readonly string[]): void {
    this.done.push(words.join(" "));
    const [name, ...args] = words;
    const action = this.actions[name!];
    if (!action) throw new Refused(`there is no ${name}`);
    action(...args);
  }

  facts(): HostFacts {
    return {
      ...around,
      gpus: this.cards.map((card) => this.gpu(card)),
      vgpus: this.vgpus.map((vgpu) => asFact(vgpu)),
      records: [...this.records.values()],
      mdevDefinitions: [],
      guests: [],
      virtualMachines: [],
      holders: [],
    };
  }

  functionsOf(card: ModelCard): PciAddress[] {
    if (!isOnVfs(card)) return [card.address];
    return card.on ? card.vfs : [];
  }

  /** Type id to how many, on a function with nothing on it: the first vGPU of the card decides the size. */
  private room(card: ModelCard): Record<string, number> {
    const beside = this.vgpus.filter((vgpu) => vgpu.card === card);
    const size = beside[0]?.type.framebufferMiB;
    const fitting = typesOf(card.kind).filter(
      (type) => (size ?? type.framebufferMiB) === type.framebufferMiB && beside.length < type.maxInstances!,
    );
    return Object.fromEntries(fitting.map((type) => [String(type.id), isOnVfs(card) ? 1 : type.maxInstances! - beside.length]));
  }

  /** A VF carries one. */
  private creatable(card: ModelCard, at: PciAddress, room = this.room(card)): Record<string, number> {
    const index = this.functionsOf(card).indexOf(at);
    if (card.driver === null || index < 0 || card.unbound.has(index) || card.untyped.has(index)) return {};
    return isOnVfs(card) && this.vgpus.some((vgpu) => vgpu.function === at) ? {} : room;
  }

  private gpu(card: ModelCard): Gpu {
    const { deviceId, model, vfs, framework } = kinds[card.kind];
    const room = this.room(card);
    const functions = this.functionsOf(card).map((at, n) => this.function(card, at, vfs ? n : null, room));
    const bare: VgpuFunction = {
      address: card.address,
      index: null,
      driver: card.driver,
      iommuGroup: 1,
      framework: null,
      creatable: {},
      users: [],
    };
    const offered = new Set(functions.flatMap(({ creatable }) => Object.keys(creatable)));
    const set = new Set(this.vgpus.map((vgpu) => vgpu.type.id));
    const types = typesOf(card.kind).filter(({ id }) => framework === "mdev" || offered.has(String(id)) || set.has(id));
    const told = card.driver === null;
    return {
      ...around.gpus[0]!,
      address: card.address,
      deviceId,
      model,
      uuid: null,
      slot: null,
      driver: card.driver,
      deviceNode: told ? null : "/dev/nvidia0",
      sriov: vfs ? { total: vfs, enabled: card.on ? vfs : 0, offset: 4, stride: 1 } : null,
      hostVgpuMode: told ? { unknown: "no driver" } : vfs ? "sr-iov" : "non-sr-iov",
      mig: told ? { unknown: "no driver" } : null,
      refused: null,
      framework: functions.find((one) => one.framework)?.framework ?? null,
      types: functions.some((one) => one.framework) ? types : [],
      functions: vfs ? [bare, ...functions] : functions,
    };
  }

  private function(card: ModelCard, at: PciAddress, index: number | null, room: Record<string, number>): VgpuFunction {
    const driven = card.driver !== null && !card.unbound.has(index ?? -1);
    const typed = driven && !card.untyped.has(index ?? -1);
    const vendor = this.vgpus.find((vgpu) => vgpu.uuid === null && vgpu.function === at);
    return {
      address: at,
      index,
      driver: driven ? "nvidia" : null,
      iommuGroup: 2,
      framework: typed ? kinds[card.kind].framework : null,
      creatable: this.creatable(card, at, room),
      users: vendor?.users ?? [],
    };
  }

  private readonly actions: Record<string, (...args: string[]) => void> = {
    create_mdev: (at, type, uuid, parameters, ...words) => {
      this.record(uuid!, at!, Number(type), words);
      const card = this.cardOf(at!, "mdev");
      this.make(card, pciAddress(at!), typeBy(card.kind, type!), uuid!).parameters = parameters!;
    },
    set_type: (at, name, uuid, parameters, ...words) => {
      const card = this.cardOf(at!, "vendor");
      const type = typeBy(card.kind, name!);
      this.record(uuid!, at!, type.id, words);
      this.make(card, pciAddress(at!), type, null).parameters = parameters!;
    },
    remove_mdev: (uuid) => {
      this.takeAway((vgpu) => vgpu.uuid === uuid);
      this.records.delete(uuid!);
    },
    clear_type: (at, type, uuid) => {
      this.takeAway((vgpu) => vgpu.uuid === null && vgpu.function === at && vgpu.type.id === Number(type));
      if (uuid) this.records.delete(uuid);
    },
    adopt_vgpu: (uuid, at, type, _parameters, ...words) => {
      this.the((vgpu) => vgpu.function === at && vgpu.type.id === Number(type) && (vgpu.uuid ?? uuid) === uuid);
      this.record(uuid!, at!, Number(type), words);
    },
    forget_vgpu: (uuid) => void this.records.delete(uuid!),
    set_parameters: (which, parameters) => {
      const vgpu = this.the((one) => (one.uuid ?? one.function) === which);
      if (vgpu.users.some((user) => !("guest" in user) || user.running)) throw new Refused(`${which} is in use`);
      vgpu.parameters = parameters!;
    },
    bind_pf: (at) => void (this.cardAt(at!).driver = "nvidia"),
    enable_vfs: (at, count) => this.cycle(at!, true, count),
    disable_vfs: (at) => this.cycle(at!, false),
    cycle_vfs: (at, count) => this.cycle(at!, true, count),
    bind_vfs: (at) => (this.cardAt(at!).unbound.clear(), this.cardAt(at!).untyped.clear()),
    publish_types: (at) => this.cardAt(at!).untyped.clear(),
  };

  private record(uuid: string, at: string, typeId: number, words: string[]): void {
    const { owner = "", serves, ...more } = Object.fromEntries(words.map((word) => word.split(/=(.*)/s) as [string, string]));
    const adopted = more.adopted === "yes" ? { adopted: true as const } : {};
    this.records.set(uuid, { uuid, function: pciAddress(at), typeId, owner, servesAs: serves, instance: more.instance, ...adopted });
  }

  /** B38: it takes every vGPU of the card. */
  private cycle(at: string, on: boolean, count?: string): void {
    const card = this.cardAt(at);
    if (card.driver === null) throw new Refused(`${at} has no driver`);
    if (on && Number(count) !== kinds[card.kind].vfs) throw new Refused(`${at} has no ${count} VFs`);
    const gone = this.vgpus.filter((vgpu) => vgpu.card === card);
    if (gone.some(({ users }) => users.length)) throw new Refused(`${at} carries a vGPU in use`);
    this.vgpus = this.vgpus.filter((vgpu) => vgpu.card !== card);
    card.on = on;
    card.unbound.clear();
    card.untyped.clear();
  }

  private takeAway(isIt: (vgpu: ModelVgpu) => boolean): void {
    const vgpu = this.the(isIt);
    if (vgpu.users.length) throw new Refused(`${vgpu.uuid ?? vgpu.function} is in use`);
    this.vgpus = this.vgpus.filter((other) => other !== vgpu);
  }

  private the(isIt: (vgpu: ModelVgpu) => boolean): ModelVgpu {
    const vgpu = this.vgpus.find(isIt);
    if (!vgpu) throw new Refused("there is no such vGPU");
    return vgpu;
  }

  private cardOf(at: string, framework: "mdev" | "vendor"): ModelCard {
    const card = this.cards.find((one) => this.functionsOf(one).includes(pciAddress(at)));
    if (!card || kinds[card.kind].framework !== framework) throw new Refused(`${at} does not speak ${framework}`);
    return card;
  }

  private cardAt(address: string): ModelCard {
    return this.cards.find((card) => card.address === address)!;
  }
}

/** VF n of a card at 0000:41:00.0 sits at 0000:41:00.4 and on. */
export function functionAt(card: PciAddress, n: number): PciAddress {
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
    ? [{ id, name: known.name, framebufferMiB: size.framebufferMiB, series: size.series, maxInstances: known.maxInstances }]
    : [];
});

const typesByKind = Object.fromEntries(
  Object.keys(kinds).map((kind) => [kind, allTypes.filter(({ name }) => shortName(name!).startsWith(`${kind}-`))]),
) as Record<Kind, VgpuType[]>;

const isOnVfs = ({ kind }: ModelCard) => kinds[kind].vfs > 0;

const asFact = ({ card, function: at, uuid, type: { id, name }, parameters, users }: ModelVgpu): Vgpu => ({
  framework: kinds[card.kind].framework,
  uuid,
  gpu: card.address,
  function: at,
  type: { id, name },
  iommuGroup: 3,
  parameters,
  users,
});

/** Everything else of a host, healthy. */
const around = hostFacts(readFileSync(join(__dirname, "../captures/debian-12-a40-mdev.txt"), "utf8"));
