import { pciAddress } from "../../../provider/model/pci-address";
import type { Maker, ModelCard, ModelVgpu } from "./cards";
import { kinds, Refused, typeBy } from "./cards";
import type { ModelHost } from "./host";

type Action = (host: ModelHost, maker: Maker, ...args: string[]) => void;

/** What the functions in apply/host do, as far as vGPUs and VFs go. They look at the users of a device once more, and refuse. */
export const library: Record<string, Action> = {
  create_mdev: (host, maker, at, type, uuid, parameters, ...words) => {
    record(host, uuid!, at!, Number(type), words);
    const card = cardOf(host, at!, "mdev");
    host.make(card, pciAddress(at!), typeBy(card.kind, type!), uuid!, maker).parameters = parameters!;
  },
  set_type: (host, maker, at, name, uuid, parameters, ...words) => {
    const card = cardOf(host, at!, "vendor");
    const type = typeBy(card.kind, name!);
    record(host, uuid!, at!, type.id, words);
    host.make(card, pciAddress(at!), type, null, maker).parameters = parameters!;
  },
  remove_mdev: (host, _, uuid) => {
    takeAway(host, ({ uuid: one }) => one === uuid);
    host.records.delete(uuid!);
  },
  clear_type: (host, _, at, type, uuid) => {
    const there = host.vgpus.find((vgpu) => vgpu.uuid === null && vgpu.function === at);
    if (there && there.type.id !== Number(type)) throw new Refused(`${at} carries another type`);
    takeAway(host, (vgpu) => vgpu === there);
    if (uuid) host.records.delete(uuid);
  },
  adopt_vgpu: (host, maker, uuid, at, type, _parameters, ...words) => {
    const vgpu = the(
      host,
      (vgpu) => vgpu.function === at && vgpu.type.id === Number(type) && (vgpu.uuid ?? uuid) === uuid,
    );
    // Two states of one name: without a record it cannot be told which of them made it.
    const isTwins =
      !host.records.has(uuid!) && vgpu.maker.resource !== undefined && vgpu.maker.resource === maker.resource;
    const isHandedOver = vgpu.maker.stack === maker.stack || maker.takesOver || isTwins;
    record(host, uuid!, at!, Number(type), words);
    if (isHandedOver && !words.includes("adopted=yes")) vgpu.maker = maker;
  },
  rerecord_vgpu: (host, maker, ...words) => library.adopt_vgpu!(host, maker, ...words),
  forget_vgpu: (host, _, uuid) => void host.records.delete(uuid!),
  set_parameters: (host, _, which, parameters) => {
    const vgpu = the(host, (one) => (one.uuid ?? one.function) === which);
    if (vgpu.users.some((user) => !("guest" in user) || user.running)) throw new Refused(`${which} is in use`);
    vgpu.parameters = parameters!;
  },
  bind_pf: (host, _, at) => void (host.cardAt(at!).driver = "nvidia"),
  enable_vfs: (host, _, at, count) => cycle(host, at!, true, count),
  disable_vfs: (host, _, at) => cycle(host, at!, false),
  cycle_vfs: (host, _, at, count) => cycle(host, at!, true, count),
  bind_vfs: (host, _, at) => (host.cardAt(at!).unbound.clear(), host.cardAt(at!).untyped.clear()),
  publish_types: (host, _, at) => host.cardAt(at!).untyped.clear(),
  record_gpu: (host, _, uuid, at, count, owner, ...more) => {
    if (!host.cardAt(at!).on) throw new Refused(`${at} has no virtual functions`);
    host.gpuRecords.set(uuid!, {
      uuid: uuid!,
      address: pciAddress(at!),
      vfs: Number(count),
      mig: more.includes("mig=on"),
      migOwner: "",
      mixedSizes: false,
      instances: "",
      owner: owner!.slice(6),
    });
  },
  forget_gpu: (host, _, uuid) => void host.gpuRecords.delete(uuid!),
  install_restorer: (host, _, digest) => void (host.restorer = digest!),
  remove_restorer: (host) => void (host.restorer = null),
  forget_failed_restore: () => {},
  set_kernel_words: (host, _, _tool, ...words) => host.kernel?.configure(words),
  reboot_by_hand: (_host, _, because) => {
    throw new Refused(because);
  },
  reboot_when_idle: (host, _, because) => {
    if (host.failing.has("users")) throw new Refused("it cannot be told what runs");
    if (host.running.length > 0) throw new Refused(`${host.running[0]} runs`);
    host.kernel?.noteReboot(host.bootId, because!);
    host.reboots.push(because!);
    host.reboot();
  },
};

function record({ records, bootId }: ModelHost, uuid: string, at: string, typeId: number, words: string[]): void {
  const {
    owner = "",
    serves,
    adopted,
    restore,
    ...more
  } = Object.fromEntries(words.map((word) => word.split(/=(.*)/s) as [string, string]));
  const place = { uuid, function: pciAddress(at), typeId, boot: bootId };
  records.set(uuid, {
    ...more,
    ...place,
    owner,
    servesAs: serves,
    ...(adopted === "yes" && { adopted: true as const }),
    ...(restore === "yes" && { restore: true as const }),
  });
}

/** It takes every vGPU of the card (B38), and the card from nobody who has it open (B34). */
function cycle(host: ModelHost, at: string, on: boolean, count?: string): void {
  const card = host.cardAt(at);
  if (card.driver === null) throw new Refused(`${at} has no driver`);
  if (on && Number(count) !== kinds[card.kind].vfs) throw new Refused(`${at} has no ${count} VFs`);
  if (host.holders.has(card)) throw new Refused(`${at} is held open`);
  if (card.on && host.failing.has("users")) throw new Refused(`it cannot be told who uses the VFs of ${at}`);
  host.vgpus.filter((vgpu) => vgpu.card === card).forEach((vgpu) => refuseInUse(host, vgpu));
  host.vgpus = host.vgpus.filter((vgpu) => vgpu.card !== card);
  card.on = on;
  card.unbound.clear();
  card.untyped.clear();
}

/** What is gone already is no error. */
function takeAway(host: ModelHost, isIt: (vgpu: ModelVgpu) => boolean): void {
  const vgpu = host.vgpus.find(isIt);
  if (!vgpu) return;
  refuseInUse(host, vgpu);
  host.vgpus = host.vgpus.filter((other) => other !== vgpu);
}

function refuseInUse({ failing }: ModelHost, { users, uuid, function: at }: ModelVgpu): void {
  if (failing.has("users")) throw new Refused(`it cannot be told who uses ${uuid ?? at}`);
  if (users.length) throw new Refused(`${uuid ?? at} is in use`);
}

function the({ vgpus }: ModelHost, isIt: (vgpu: ModelVgpu) => boolean): ModelVgpu {
  const vgpu = vgpus.find(isIt);
  if (!vgpu) throw new Refused("there is no such vGPU");
  return vgpu;
}

function cardOf(host: ModelHost, at: string, framework: "mdev" | "vendor"): ModelCard {
  const card = host.cardWith(at);
  if (!card || kinds[card.kind].framework !== framework) throw new Refused(`${at} does not speak ${framework}`);
  return card;
}
