import type { ModelCard, ModelVgpu } from "./model/cards";
import { functionsOf, Refused, sizes, typesOf } from "./model/cards";
import { ModelHost } from "./model/host";
import type { Random } from "./random";

/** A host on which others have been before. */
export function usedHost(random: Random): ModelHost {
  const host = new ModelHost();
  for (const bus of ["3b", "41", "c8"].slice(0, 1 + random.below(3)))
    host.add(random.oneOf(["A40", "L40S", "T4"] as const), `0000:${bus}:00.0`);
  for (const card of host.cards) {
    const type = random.oneOf(sizes[card.kind]);
    for (let n = random.below(4); n > 0; n--) somebodys(random, host, card, type, n);
  }
  return host;
}

function somebodys(
  random: Random,
  host: ModelHost,
  card: ModelCard,
  type: string,
  n: number,
  at = random.oneOf(functionsOf(card).slice(0, 8)),
): void {
  try {
    const vgpu = host.make(
      card,
      at,
      typesOf(card.kind).find(({ name }) => name!.endsWith(type))!,
      card.kind === "L40S" ? null : `${card.address}-by-hand-${n}`,
    );
    if (random.chance(40)) vgpu.users = [guest(random)];
    if (random.chance(30)) record(host, vgpu, `${at}-theirs-${n}`, "somebody else");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
  }
}

/** Somebody removes a vGPU by hand, and perhaps takes its place. */
export function loseToOthers(random: Random, host: ModelHost, vgpu: ModelVgpu): void {
  host.vgpus = host.vgpus.filter((other) => other !== vgpu);
  if (random.chance(50)) somebodys(random, host, vgpu.card, random.oneOf(sizes[vgpu.card.kind]), 9, vgpu.function);
}

export const guest = (random: Random) => ({ guest: "web", kind: "libvirt" as const, running: random.chance(50) });

const record = (host: ModelHost, { uuid, function: at, type }: ModelVgpu, otherwise: string, owner: string) =>
  host.records.set(uuid ?? otherwise, {
    uuid: uuid ?? otherwise,
    function: at,
    typeId: type.id,
    owner,
    boot: host.bootId,
  });
