import type { VgpuType } from "../../../provider/model/facts/gpu";
import type { HostFacts } from "../../../provider/model/facts/host-facts";
import type { User } from "../../../provider/model/facts/users";
import type { VgpuRecord } from "../../../provider/model/facts/vgpu";
import type { PciAddress } from "../../../provider/model/pci-address";
import { pciAddress } from "../../../provider/model/pci-address";
import { Refused, typeBy, typesOf } from "../model/cards";
import { ModelHost } from "../model/host";

export const address = pciAddress("0000:41:00.0");

/** Placement ids of the sizes of a card with 48 GiB in mixed-size mode, in GiB: the table of NVIDIA's guide (B93). */
const places: Record<number, number[]> = {
  48: [0],
  24: [0, 24],
  16: [0, 32],
  12: [0, 12, 24, 36],
  8: [0, 16, 24, 40],
  6: [0, 6, 12, 18, 24, 30, 36, 42],
  4: [0, 8, 12, 20, 24, 32, 36, 44],
  3: Array.from({ length: 16 }, (_, n) => 3 * n),
  2: [0, 4, 6, 10, 12, 16, 18, 22, 24, 28, 30, 34, 36, 40, 42, 46],
};

export interface PlacedVgpu {
  /** In the vendor framework it is only in the record. */
  uuid: string;
  function: PciAddress;
  type: VgpuType;
  place: number;
  users: User[];
}

export const sizeOf = ({ framebufferMiB }: VgpuType): number => framebufferMiB! / 1024;

const overlap = (one: number, size: number, other: PlacedVgpu) =>
  one < other.place + sizeOf(other.type) && other.place < one + size;

export const placesFor = (type: VgpuType): readonly number[] => places[sizeOf(type)]!;

export const isFree = (place: number, type: VgpuType, vgpus: readonly PlacedVgpu[]): boolean =>
  !vgpus.some((other) => overlap(place, sizeOf(type), other));

/** A host with one card as B54, B93, B147 and B151 describe it: it refuses what such hosts refuse. */
export class MixedHost {
  isMixed = false;
  vgpus: PlacedVgpu[] = [];
  records = new Map<string, VgpuRecord>();
  private readonly base = new ModelHost();
  private readonly vfs: PciAddress[];
  readonly types: VgpuType[];

  /** @param showsPlaces whether the driver with mdevs shows where vGPUs can be created */
  constructor(
    readonly kind: "A40" | "L40S",
    readonly showsPlaces = true,
  ) {
    this.vfs = this.base.add(kind, address).vfs;
    this.types = typesOf(kind).filter((type) => sizeOf(type) in places);
  }

  get freeVfs(): PciAddress[] {
    return this.vfs.filter((vf) => !this.vgpus.some((vgpu) => vgpu.function === vf));
  }

  /** Returns where the driver creates a vGPU of this type: the first free place. */
  private placeFor(type: VgpuType): number | undefined {
    if (this.isMixed) return placesFor(type).find((place) => isFree(place, type, this.vgpus));
    const isAlike = this.vgpus.every((vgpu) => sizeOf(vgpu.type) === sizeOf(type));
    if (!isAlike || this.vgpus.length >= type.maxInstances!) return undefined;
    const all = Array.from({ length: type.maxInstances! }, (_, n) => n * sizeOf(type));
    return all.find((place) => isFree(place, type, this.vgpus));
  }

  create(at: PciAddress, type: VgpuType, uuid: string): PlacedVgpu {
    const place = this.placeFor(type);
    if (place === undefined || !this.freeVfs.includes(at)) throw new Refused(`no room for ${type.name}`);
    const vgpu = { uuid, function: at, type, place, users: [] };
    this.vgpus.push(vgpu);
    return vgpu;
  }

  facts(): HostFacts {
    const facts = this.base.facts();
    const [gpu] = facts.gpus;
    const isMdev = this.kind === "A40";
    const room = this.types.filter((type) => this.placeFor(type) !== undefined);
    const creatable = Object.fromEntries(room.map(({ id }) => [String(id), 1]));
    const functions = gpu!.functions.map((fn) => ({
      ...fn,
      creatable: this.freeVfs.includes(fn.address) ? creatable : {},
      users: isMdev ? [] : (this.vgpus.find((vgpu) => vgpu.function === fn.address)?.users ?? []),
    }));
    const listed = this.types.filter(
      (type) => isMdev || room.includes(type) || this.vgpus.some((vgpu) => vgpu.type === type),
    );
    return {
      ...facts,
      gpus: [
        {
          ...gpu!,
          types: listed,
          mixedSizes: this.isMixed ? "on" : "off",
          creatablePlaces: isMdev && this.isMixed && this.showsPlaces ? this.creatablePlaces() : null,
          functions,
        },
      ],
      records: [...this.records.values()],
      vgpus: this.vgpus.map(({ uuid, function: at, type, place, users }) => ({
        framework: isMdev ? "mdev" : "vendor",
        uuid: isMdev ? uuid : null,
        gpu: address,
        function: at,
        type: { id: type.id, name: type.name },
        iommuGroup: 1,
        gpuInstance: null,
        placementId: isMdev ? null : place,
        parameters: "",
        users,
      })),
    };
  }

  /** As `nvidia-smi vgpu -c -v` lists them. */
  private creatablePlaces(): Record<string, number[]> {
    const free = this.types.map(({ id, ...type }): [string, number[]] => [
      String(id),
      placesFor({ id, ...type }).filter((place) => isFree(place, { id, ...type }, this.vgpus)),
    ]);
    return Object.fromEntries(free.filter(([, places]) => places.length > 0));
  }

  run([name, ...words]: readonly string[]): void {
    const action = this.actions[name!];
    if (!action) throw new Refused(`there is no ${name}`);
    action(...words);
  }

  private remove(isIt: (vgpu: PlacedVgpu) => boolean, uuid?: string): void {
    if (this.vgpus.some((vgpu) => isIt(vgpu) && vgpu.users.length)) throw new Refused("it is in use");
    this.vgpus = this.vgpus.filter((vgpu) => !isIt(vgpu));
    if (uuid) this.records.delete(uuid);
  }

  private readonly actions: Record<string, (...words: string[]) => void> = {
    set_mixed_sizes: (_, on) => {
      if (this.vgpus.length) throw new Refused("In use by another client");
      this.isMixed = on === "1";
    },
    create_mdev: (at, type, uuid, _, ...words) => {
      this.create(pciAddress(at!), typeBy(this.kind, type!), uuid!);
      this.record(uuid!, at!, type!, words);
    },
    set_type: (...words) => this.actions.create_mdev!(...words),
    remove_mdev: (uuid) => this.remove((vgpu) => vgpu.uuid === uuid, uuid),
    clear_type: (at, _, uuid) => this.remove((vgpu) => vgpu.function === at, uuid),
    adopt_vgpu: (uuid, at, type, _, ...words) => this.record(uuid!, at!, type!, words),
    forget_vgpu: (uuid) => void this.records.delete(uuid!),
  };

  private record(uuid: string, at: string, type: string, words: string[]): void {
    const { owner = "", serves, adopted, resource } = Object.fromEntries(words.map((word) => word.split(/=(.*)/s)));
    const place = { uuid, function: pciAddress(at), typeId: typeBy(this.kind, type).id, boot: "boot-1" };
    const more = { ...(adopted === "yes" && { adopted: true as const }), ...(resource && { resource }) };
    this.records.set(uuid, { ...place, owner, servesAs: serves, ...more });
  }
}
