import { shortName, vgpuTypeName } from "../../../provider/model/vgpu-type";
import type { DesiredVgpu, Goal, VgpuGoal } from "../../../provider/plan";
import { claimBy } from "../claim";
import { everyDivision } from "../gpu-instances/every-division";
import type { Random } from "../random";
import type { MigCard } from "./mig-host";
import { address, MigHost } from "./mig-host";

export const guest = { guest: "web", kind: "libvirt", running: true } as const;

const divisions = new Map<MigCard, ReturnType<typeof everyDivision>>();

/** Returns every set of GPU instances that a card has room for. */
export function divisionsOf(card: MigCard) {
  const known = divisions.get(card) ?? everyDivision(new MigHost(card, true).known.profiles);
  divisions.set(card, known);
  return known;
}

/** Types of a profile. Tiny ones would only take up virtual functions. */
const typesFor = (host: MigHost, id: number) =>
  host.known.types.filter(({ profileId, perInstance }) => profileId === id && perInstance <= 4);

/** A card in any state: MIG mode and VFs on or off, divided at random, with vGPUs of guests, of other tools and of another stack. */
export function randomHost(random: Random, card: MigCard): MigHost {
  const host = new MigHost(card, random.chance(60));
  host.isOn = random.chance(80);
  if (host.isOn) {
    for (const { profileId, start } of random.oneOf(divisionsOf(card)).filter(() => random.chance(70)))
      host.divide(profileId, start);
    for (const { profileId } of [...host.instances]) {
      const types = typesFor(host, profileId);
      if (!types.length || random.chance(50)) continue;
      const vgpu = host.create(random.oneOf(host.freeVfs), random.oneOf(types), `there/${host.vgpus.length}`);
      if (random.chance(50)) vgpu.users = [guest];
      const record = { uuid: vgpu.uuid, function: vgpu.function, typeId: vgpu.type.id, boot: "boot-1" };
      if (random.chance(30)) host.records.set(vgpu.uuid, { ...record, owner: "other/stack#00000000" });
    }
  }
  if (!host.vgpus.length) host.hasVfs = random.chance(80);
  return host;
}

const common = { claim: claimBy("me") };
const gpu = { address };

/** MIG mode and VFs on. */
export const baseGoals: Goal[] = [
  { ...common, kind: "mig", key: "mig", arguments: { enabled: [gpu], disabled: [], reboot: "never" } },
  { ...common, kind: "sriov", key: "vfs", state: "enabled", gpus: [gpu] },
];

/** A layout of about one card, and sometimes of more than one. What the stack has had before is obsolete. */
export function randomLayout(random: Random, host: MigHost): VgpuGoal {
  const wanted = random.oneOf(divisionsOf(host.card)).filter(() => random.chance(70));
  if (random.chance(15)) wanted.push(...random.oneOf(divisionsOf(host.card)));
  const gpuInstances: Record<string, number> = {};
  const desired: DesiredVgpu[] = [];
  for (const { profileId } of wanted) {
    const types = typesFor(host, profileId);
    if (types.length && random.chance(80)) {
      const { name, perInstance } = random.oneOf(types);
      const type = vgpuTypeName(shortName(name));
      for (let n = 0; n <= random.below(perInstance); n++) {
        const before = desired.filter((one) => one.type === type).length;
        desired.push({ uuid: `${type}/${before}`, type, interchangeable: true });
      }
    } else gpuInstances[profileId] = (gpuInstances[profileId] ?? 0) + 1;
  }
  const obsolete = host.vgpus.flatMap(({ uuid, function: at, type }) => {
    const record = host.records.get(uuid);
    if (record?.owner !== "me" || desired.some((one) => one.uuid === uuid)) return [];
    return [{ uuid, function: at, typeId: type.id, adopted: record.adopted }];
  });
  return { ...common, kind: "vgpus", key: "layout", gpu, managesWholeGpu: true, desired, obsolete, gpuInstances };
}
