import type { MigVgpuType } from "../../../provider/model/facts/mig";
import { shortName } from "../../../provider/model/vgpu-type";
import type { VgpuGoal } from "../../../provider/plan";
import type { MigHost, PlacedVgpu } from "./mig-host";
import { divisionsOf } from "./random-host";

/** A vGPU after the plan. Without an instance it may be on any. */
interface Future {
  type: MigVgpuType;
  fixed: PlacedVgpu | null;
  isManaged: boolean;
}

/** Returns whether any division of the card has room for all that is declared, and for all that cannot be removed, where it is. */
export function hasRoom(host: MigHost, goal: VgpuGoal): boolean {
  const future = futureOf(host, goal);
  const fixed = future.flatMap((one) => one.fixed ?? []);
  const mustStay = host.instances.filter((instance) =>
    fixed.some((vgpu) =>
      host.showsInstances ? vgpu.instance === instance : vgpu.type.profileId === instance.profileId,
    ),
  );
  const declared = goal.gpuInstances ?? {};
  return divisionsOf(host.card).some(
    (division) =>
      mustStay.every((one) =>
        division.some((other) => other.profileId === one.profileId && other.start === one.start),
      ) &&
      host.known.profiles.every(({ id }) => {
        const all = needed(future.filter(({ type }) => type.profileId === id));
        const managed = needed(future.filter(({ type, isManaged }) => type.profileId === id && isManaged));
        const count = division.filter(({ profileId }) => profileId === id).length;
        return count >= Math.max(all, managed + (declared[id] ?? 0));
      }),
  );
}

/** Returns the vGPUs that there will be. A stack adopts free ones without a record, and does not remove them. */
function futureOf(host: MigHost, { desired }: VgpuGoal): Future[] {
  const left = desired.map(({ type }) => host.known.types.find(({ name }) => shortName(name) === type)!);
  const isMine = ({ uuid }: PlacedVgpu) => host.records.get(uuid)?.owner === "me";
  const take = (vgpu: PlacedVgpu) => {
    const at = left.findIndex(({ id }) => id === vgpu.type.id);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  };
  const isAdopted = ({ uuid }: PlacedVgpu) => host.records.get(uuid)?.adopted === true;
  const mine = host.vgpus.filter(isMine);
  const future = (vgpu: PlacedVgpu, fixed: boolean, isManaged: boolean): Future => ({
    type: vgpu.type,
    fixed: fixed ? vgpu : null,
    isManaged,
  });
  const inUse = mine.filter(({ users }) => users.length > 0).map((vgpu) => future(vgpu, true, take(vgpu)));
  const ownFree = mine
    .filter(({ users }) => !users.length)
    .flatMap((vgpu) => {
      const isManaged = take(vgpu);
      return isManaged || isAdopted(vgpu) ? [future(vgpu, isAdopted(vgpu), isManaged)] : [];
    });
  const isAdoptable = ({ users, uuid }: PlacedVgpu) => !users.length && !host.records.has(uuid);
  const others = host.vgpus
    .filter((vgpu) => !isMine(vgpu))
    .map((vgpu) => future(vgpu, true, isAdoptable(vgpu) && take(vgpu)));
  return [...inUse, ...ownFree, ...others, ...left.map((type) => ({ type, fixed: null, isManaged: true }))];
}

/** Returns how many instances of one profile these vGPUs need: those of one framebuffer size share them. */
function needed(vgpus: readonly Future[]): number {
  const sizes = new Set(vgpus.map(({ type }) => type.framebufferMiB));
  let sum = 0;
  for (const size of sizes) {
    const alike = vgpus.filter(({ type }) => type.framebufferMiB === size);
    const used = new Set(alike.flatMap(({ fixed }) => fixed?.instance ?? [])).size;
    sum += Math.max(used, Math.ceil(alike.length / alike[0]!.type.perInstance));
  }
  return sum;
}
