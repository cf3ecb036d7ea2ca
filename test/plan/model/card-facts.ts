import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Gpu, VgpuFunction } from "../../../provider/model/facts/gpu";
import type { Vgpu } from "../../../provider/model/facts/vgpu";
import type { PciAddress } from "../../../provider/model/pci-address";
import { hostFacts } from "../../../provider/probe";
import type { ModelCard, ModelVgpu } from "./cards";
import { functionsOf, isOnVfs, kinds, typesOf } from "./cards";
import type { ModelHost } from "./host";

type Room = Record<string, number>;

/** Type id to how many, on a function with nothing on it: the first vGPU of the card decides the size. */
function roomOn({ vgpus }: ModelHost, card: ModelCard): Room {
  const beside = vgpus.filter((vgpu) => vgpu.card === card);
  const size = beside[0]?.type.framebufferMiB;
  const fitting = typesOf(card.kind).filter(
    (type) => (size ?? type.framebufferMiB) === type.framebufferMiB && beside.length < type.maxInstances!,
  );
  return Object.fromEntries(
    fitting.map((type) => [String(type.id), isOnVfs(card) ? 1 : type.maxInstances! - beside.length]),
  );
}

/** A VF carries one. */
export function creatable(host: ModelHost, card: ModelCard, at: PciAddress, room = roomOn(host, card)): Room {
  const index = functionsOf(card).indexOf(at);
  if (card.driver === null || index < 0 || card.unbound.has(index) || card.untyped.has(index)) return {};
  return isOnVfs(card) && host.vgpus.some((vgpu) => vgpu.function === at) ? {} : room;
}

export function gpuFacts(host: ModelHost, card: ModelCard, n: number): Gpu {
  const { deviceId, model, vfs, framework } = kinds[card.kind];
  const room = roomOn(host, card);
  const functions = functionsOf(card).map((at, index) => functionFacts(host, card, at, vfs ? index : null, room));
  const bare: VgpuFunction = {
    address: card.address,
    index: null,
    driver: card.driver,
    iommuGroup: 1,
    framework: null,
    creatable: {},
    users: [],
  };
  const offered = new Set(functions.flatMap(({ creatable: some }) => Object.keys(some)));
  const set = new Set(host.vgpus.map((vgpu) => vgpu.type.id));
  const types = typesOf(card.kind).filter(({ id }) => framework === "mdev" || offered.has(String(id)) || set.has(id));
  const isDown = card.driver === null;
  return {
    ...someGpu,
    address: card.address,
    deviceId,
    model,
    uuid: card.uuid,
    slot: null,
    driver: card.driver,
    deviceNode: isDown ? null : `/dev/nvidia${n}`,
    sriov: vfs ? { total: vfs, enabled: card.on ? vfs : 0, offset: 4, stride: 1 } : null,
    hostVgpuMode: isDown ? { unknown: "no driver" } : vfs ? "sr-iov" : "non-sr-iov",
    mig: isDown ? { unknown: "no driver" } : null,
    refused: null,
    framework: functions.find((one) => one.framework)?.framework ?? null,
    types: functions.some((one) => one.framework) ? types : [],
    functions: vfs ? [bare, ...functions] : functions,
  };
}

function functionFacts(
  host: ModelHost,
  card: ModelCard,
  at: PciAddress,
  index: number | null,
  room: Room,
): VgpuFunction {
  const hasDriver = card.driver !== null && !card.unbound.has(index ?? -1);
  const hasTypes = hasDriver && !card.untyped.has(index ?? -1);
  const vendor = host.vgpus.find((vgpu) => vgpu.uuid === null && vgpu.function === at);
  return {
    address: at,
    index,
    driver: hasDriver ? "nvidia" : null,
    iommuGroup: 2,
    framework: hasTypes ? kinds[card.kind].framework : null,
    creatable: creatable(host, card, at, room),
    users: usersFacts(host, vendor),
  };
}

export const vgpuFacts = (host: ModelHost, vgpu: ModelVgpu): Vgpu => ({
  framework: kinds[vgpu.card.kind].framework,
  uuid: vgpu.uuid,
  gpu: vgpu.card.address,
  function: vgpu.function,
  type: { id: vgpu.type.id, name: vgpu.type.name },
  iommuGroup: 3,
  gpuInstance: null,
  placementId: null,
  parameters: vgpu.parameters,
  users: usersFacts(host, vgpu),
});

const usersFacts = ({ failing }: ModelHost, vgpu: ModelVgpu | undefined): Vgpu["users"] =>
  failing.has("users") ? { unknown: "permission denied" } : (vgpu?.users ?? []);

const someGpu = hostFacts(readFileSync(join(__dirname, "../../captures/debian-12-a40-mdev.txt"), "utf8")).gpus[0]!;
