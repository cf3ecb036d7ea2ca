import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { VgpuType } from "../../../provider/model/facts/gpu";
import type { HostFacts } from "../../../provider/model/facts/host-facts";
import type { GpuRecord, RestoreFacts } from "../../../provider/model/facts/restore";
import type { Process } from "../../../provider/model/facts/users";
import type { VgpuRecord } from "../../../provider/model/facts/vgpu";
import type { PciAddress } from "../../../provider/model/pci-address";
import { hostFacts } from "../../../provider/probe";
import { creatable, gpuFacts, vgpuFacts } from "./card-facts";
import type { Kind, Maker, ModelCard, ModelVgpu } from "./cards";
import { functionsOf, isOnVfs, newCard, Refused } from "./cards";
import type { ModelKernel } from "./kernel";
import { library } from "./library";

/** What a look at the host cannot read at the moment. */
export type Reader = "users" | "records" | "holders";

export const byHand: Maker = { stack: null };

/**
 * A host as the facts say that hosts behave (B52 to B57, B69 to B72, B38), small enough to try thousands of plans on. It gives
 * facts and takes the steps of a plan.
 */
export class ModelHost {
  readonly cards: ModelCard[] = [];
  vgpus: ModelVgpu[] = [];
  readonly records = new Map<string, VgpuRecord>();
  readonly gpuRecords = new Map<string, GpuRecord>();
  /** The digest of the restorer on the host. It does not restore anything here, as one that fails. */
  restorer: string | null = null;
  /** Processes that have a card open (B34). */
  readonly holders = new Map<ModelCard, Process>();
  readonly failing = new Set<Reader>();
  /** Left out: its IOMMU is on, whatever the command line. */
  kernel?: ModelKernel;
  /** Why steps rebooted it, each time. */
  readonly reboots: string[] = [];
  /** How often it has booted. */
  boots = 1;
  /** The words of all steps that were run. */
  readonly done: string[] = [];

  add(kind: Kind, address: string, on = true): ModelCard {
    const card = newCard(kind, address, on);
    this.cards.push(card);
    return card;
  }

  /** As somebody would make it, by hand or by a step. */
  make(card: ModelCard, at: PciAddress, type: VgpuType, uuid: string | null, maker = byHand): ModelVgpu {
    if (!creatable(this, card, at)[type.id]) throw new Refused(`${at} has no room for ${type.name}`);
    if (uuid !== null && this.vgpus.some((vgpu) => vgpu.uuid === uuid)) throw new Refused(`${uuid} exists`);
    const vgpu = { card, function: at, uuid, type, parameters: "", users: [], maker };
    this.vgpus.push(vgpu);
    return vgpu;
  }

  /** Has one step done, for a maker. */
  run(words: readonly string[], maker = byHand): void {
    this.done.push(words.join(" "));
    const [name, ...args] = words;
    const action = library[name!];
    if (!action) throw new Refused(`there is no ${name}`);
    action(this, maker, ...args);
  }

  /** vGPUs of both frameworks are gone, and VFs off (B48, B80); what is in /etc stays. */
  reboot(): void {
    this.boots++;
    this.vgpus = [];
    this.holders.clear();
    this.kernel?.boot();
    for (const card of this.cards) {
      card.driver = "nvidia";
      card.on = card.on && !isOnVfs(card);
      card.unbound.clear();
      card.untyped.clear();
    }
  }

  get bootId(): string {
    return `boot-${this.boots}`;
  }

  facts(): HostFacts {
    const unknown = { unknown: "permission denied" };
    const { system, boot } = this.kernel?.factsOf(around) ?? around;
    return {
      ...around,
      boot,
      system: { ...system, identity: { ...system.identity, bootId: this.bootId } },
      gpus: this.cards.map((card, n) => gpuFacts(this, card, n)),
      vgpus: this.vgpus.map((vgpu) => vgpuFacts(this, vgpu)),
      records: this.failing.has("records") ? unknown : [...this.records.values()],
      restore: this.restoreFacts(),
      mdevDefinitions: [],
      guests: [],
      virtualMachines: this.failing.has("users") ? unknown : this.running.map(asProcess),
      containers: this.failing.has("users") ? unknown : [],
      holders: this.failing.has("holders") ? unknown : this.cards.flatMap((card, n) => this.holdersOf(card, n)),
    };
  }

  /** Guests that run now. */
  get running(): string[] {
    return this.vgpus.flatMap(({ users }) =>
      users.flatMap((user) => ("guest" in user && user.running ? [user.guest] : [])),
    );
  }

  cardWith(at: string): ModelCard | undefined {
    return this.cards.find((card) => functionsOf(card).includes(at as PciAddress));
  }

  cardAt(address: string): ModelCard {
    return this.cards.find((card) => card.address === address)!;
  }

  private restoreFacts(): RestoreFacts {
    const unit = {
      name: "nvidia-vgpu-restore.service",
      active: "inactive",
      sub: "dead",
      result: "success",
      exitStatus: 0,
    };
    return {
      systemd: true,
      digest: this.restorer,
      unit: this.restorer === null ? null : { ...unit, present: true, enabled: "enabled" },
      gpus: this.failing.has("records") ? { unknown: "permission denied" } : [...this.gpuRecords.values()],
      failures: [],
      rivalLines: [],
    };
  }

  private holdersOf(card: ModelCard, n: number) {
    const process = this.holders.get(card);
    return process ? [{ device: `/dev/nvidia${n}`, process }] : [];
  }
}

const asProcess = (guest: string): Process => ({
  pid: 4410,
  command: "qemu-system-x86",
  unit: null,
  container: null,
  guest,
});

/** Everything else of a host, healthy. */
const around = hostFacts(readFileSync(join(__dirname, "../../captures/debian-12-a40-mdev.txt"), "utf8"));
