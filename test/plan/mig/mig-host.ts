import type { HostFacts } from "../../../provider/model/facts/host-facts";
import type { GpuInstance, MigVgpuType } from "../../../provider/model/facts/mig";
import type { User } from "../../../provider/model/facts/users";
import type { VgpuRecord } from "../../../provider/model/facts/vgpu";
import { knownMigOf } from "../../../provider/model/known-mig";
import type { PciAddress } from "../../../provider/model/pci-address";
import { pciAddress } from "../../../provider/model/pci-address";
import { Refused } from "../model/cards";
import { ModelHost } from "../model/host";

export const address = pciAddress("0000:c4:00.0");

/** PCI device ids. */
const devices = { A100: "20f1", A30: "20b7", H100: "2331", H200: "2335", "RTX PRO 6000": "2bb5" };
export type MigCard = keyof typeof devices;

export interface PlacedVgpu {
  uuid: string;
  function: PciAddress;
  type: MigVgpuType;
  instance: GpuInstance;
  users: User[];
}

/** A host with one card as B82, B118 to B120, B123, B128 and B129 describe it: it refuses what such hosts refuse. */
export class MigHost {
  isOn = false;
  hasVfs = true;
  instances: GpuInstance[] = [];
  vgpus: PlacedVgpu[] = [];
  records = new Map<string, VgpuRecord>();
  private readonly base = new ModelHost();
  private readonly vfs: PciAddress[];
  private nextId = 7;
  readonly known: NonNullable<ReturnType<typeof knownMigOf>>;

  /** @param showsInstances whether the driver shows on which GPU instance a vGPU is */
  constructor(
    readonly card: MigCard,
    readonly showsInstances: boolean,
  ) {
    this.known = knownMigOf(devices[card], 580)!;
    this.vfs = this.base.add("A40", address).vfs;
  }

  /** Several vGPUs of one framebuffer size share a GPU instance. */
  get isShared(): boolean {
    return this.known.types.some(({ perInstance }) => perInstance > 1);
  }

  /** How many memory slices the card has. */
  private get slices(): number {
    return Math.max(...this.known.profiles.flatMap(({ starts, size }) => starts.map((start) => start + size)));
  }

  get freeVfs(): PciAddress[] {
    return this.vfs.filter((vf) => !this.vgpus.some((vgpu) => vgpu.function === vf));
  }

  facts(): HostFacts {
    const facts = this.base.facts();
    const [gpu] = facts.gpus;
    const functions = gpu!.functions.filter(({ index }) => index === null || this.hasVfs);
    const mig = { current: this.isOn, pending: this.isOn, instances: this.instances, ...this.known };
    const sriov = { ...gpu!.sriov!, enabled: this.hasVfs ? this.vfs.length : 0 };
    const framework = this.hasVfs ? gpu!.framework : null;
    const own = { deviceId: devices[this.card], sriov, framework, types: [], mig };
    return {
      ...facts,
      gpus: [{ ...gpu!, ...own, functions: functions.map((fn) => ({ ...fn, creatable: {} })) }],
      records: [...this.records.values()],
      vgpus: this.vgpus.map(({ uuid, function: at, type, instance, users }) => ({
        framework: "mdev",
        uuid,
        gpu: address,
        function: at,
        type: { id: type.id, name: type.name },
        iommuGroup: 1,
        gpuInstance: this.showsInstances ? instance.id : null,
        placementId: null,
        parameters: "",
        users,
      })),
    };
  }

  run([name, ...words]: readonly string[]): void {
    const action = this.actions[name!];
    if (!action) throw new Refused(`there is no ${name}`);
    action(...words);
  }

  /** Creates a GPU instance where there is room for it. */
  divide(profileId: number, start: number): void {
    const { size, total, starts } = this.known.profiles.find(({ id }) => id === profileId)!;
    const isTaken = this.instances.some((one) => start < one.start + one.size && one.start < start + size);
    const count = this.instances.filter((one) => one.profileId === profileId).length;
    if (!this.isOn || isTaken || count >= total || !starts.includes(start)) throw new Refused("Insufficient Resources");
    // Where vGPUs share instances, the lowest id is the first place; elsewhere ids are taken as arbitrary (B86).
    const id = this.isShared ? this.slices / size - 1 + start / size : this.nextId++;
    this.instances.push({ id, profileId, start, size });
  }

  /** Creates a vGPU on the instance that the driver chooses. */
  create(at: PciAddress, type: MigVgpuType, uuid: string): PlacedVgpu {
    const hasRoom = (instance: GpuInstance) => {
      const there = this.vgpus.filter((vgpu) => vgpu.instance === instance);
      const isSameSize = there.every((vgpu) => vgpu.type.framebufferMiB === type.framebufferMiB);
      return there.length === 0 || (isSameSize && there.length < type.perInstance);
    };
    const [instance] = this.instances
      .filter((one) => one.profileId === type.profileId && hasRoom(one))
      .sort((one, other) => one.id - other.id);
    if (!this.isOn || !this.hasVfs || !instance || !this.freeVfs.includes(at)) throw new Refused("0x40");
    const vgpu = { uuid, function: at, type, instance, users: [] };
    this.vgpus.push(vgpu);
    return vgpu;
  }

  private readonly actions: Record<string, (...words: string[]) => void> = {
    set_mig_mode: (_, mode) => {
      if (this.hasVfs || this.vgpus.length) throw new Refused("In use by another client");
      this.isOn = mode === "1";
      this.instances = [];
    },
    disable_vfs: () => {
      if (this.vgpus.some(({ users }) => users.length)) throw new Refused("a vGPU is in use");
      this.hasVfs = false;
      this.vgpus = [];
      this.instances = [];
    },
    enable_vfs: () => void (this.hasVfs = true),
    create_gpu_instance: (_, profile, start) => this.divide(Number(profile), Number(start)),
    destroy_gpu_instance: (_, profile, start) => {
      const found = this.instances.find((one) => one.profileId === Number(profile) && one.start === Number(start));
      if (!found || this.vgpus.some(({ instance }) => instance === found))
        throw new Refused("In use by another client");
      this.instances = this.instances.filter((one) => one !== found);
    },
    create_mdev: (at, type, uuid, _, ...words) => {
      this.create(pciAddress(at!), this.known.types.find(({ id }) => id === Number(type))!, uuid!);
      this.actions.adopt_vgpu!(uuid!, at!, type!, "", ...words);
    },
    remove_mdev: (uuid) => {
      if (this.vgpus.some((vgpu) => vgpu.uuid === uuid && vgpu.users.length)) throw new Refused(`${uuid} is in use`);
      this.vgpus = this.vgpus.filter((vgpu) => vgpu.uuid !== uuid);
      this.records.delete(uuid!);
    },
    adopt_vgpu: (uuid, at, type, _, ...words) => {
      const { owner = "", serves, adopted, resource } = Object.fromEntries(words.map((word) => word.split(/=(.*)/s)));
      const place = { uuid: uuid!, function: pciAddress(at!), typeId: Number(type), boot: "boot-1" };
      const more = { ...(adopted === "yes" && { adopted: true as const }), ...(resource && { resource }) };
      this.records.set(uuid!, { ...place, owner, servesAs: serves, ...more });
    },
    forget_vgpu: (uuid) => void this.records.delete(uuid!),
  };
}
