import type { ModelCard } from "../../plan/model/cards";
import { sizes } from "../../plan/model/cards";
import type { ModelHost } from "../../plan/model/host";
import type { Random } from "../../plan/random";
import type { Declared, Program } from "./stack";

/** What a program declares next: some of what it had, and some that is new or other than before. */
export function edited(random: Random, host: ModelHost, before: Program): Program {
  const kept = [...before].filter(() => random.chance(60));
  const fresh = host.cards.flatMap((card, n): [string, Declared][] => [
    ...(random.chance(30)
      ? [[`layout-${n}`, { kind: "layout", args: layout(random, host, card) }] as [string, Declared]]
      : []),
    ...["a", "b"].flatMap((name): [string, Declared][] =>
      random.chance(15) ? [[`single-${n}-${name}`, single(random, host, card)]] : [],
    ),
  ]);
  const vfs: [string, Declared][] = random.chance(30)
    ? [["vfs", { kind: "sriov", args: virtualFunctions(random, host) }]]
    : [];
  const driver: [string, Declared][] = random.chance(host.kernel ? 50 : 10)
    ? [["driver", { kind: "driver", args: manager(random) }]]
    : [];
  return new Map([...kept, ...fresh, ...vfs, ...driver]);
}

/** The same with one vGPU less for each count, and none with a name. */
export function lowered(program: Program): Program {
  const less = (args: object) => {
    const { vgpus = {} } = args as { vgpus?: Record<string, number> };
    return {
      ...args,
      named: {},
      vgpus: Object.fromEntries(Object.entries(vgpus).map(([type, count]) => [type, Math.max(0, count - 1)])),
    };
  };
  return new Map(
    [...program].map(([name, { kind, args }]) => [name, { kind, args: kind === "layout" ? less(args) : args }]),
  );
}

function layout(random: Random, host: ModelHost, card: ModelCard): object {
  const [first, second] = [random.oneOf(sizes[card.kind]), random.oneOf(sizes[card.kind])];
  const counts = random.chance(85) ? { [first]: random.below(5) } : { [first]: 1, [second]: 1 };
  const named = random.chance(40) ? { cad: wanted(random, card, first) } : {};
  return {
    gpu: card.address,
    vgpus: counts,
    named,
    ...takeOver(random, host),
    ...(random.chance(30) && { onDelete: "removeUnused" }),
  };
}

/** Rarely, what nobody wrote down, or what some other stack made. */
function takeOver(random: Random, { records }: ModelHost): object {
  const owners = ["unrecorded", ...[...records.values()].map(({ owner }) => owner)];
  return random.chance(15) ? { takeOver: [random.oneOf(owners)] } : {};
}

const single = (random: Random, host: ModelHost, card: ModelCard): Declared => ({
  kind: "vgpu",
  args: { gpu: card.address, ...wanted(random, card, random.oneOf(sizes[card.kind])), ...takeOver(random, host) },
});

const wanted = (random: Random, card: ModelCard, type: string): object => ({
  type,
  ...(card.kind !== "T4" && random.chance(30) && { virtualFunction: random.below(6) }),
  ...(random.chance(15) && { parameters: "frame_rate_limiter=0" }),
});

/** The version that is there. */
const manager = (random: Random): object => ({
  version: "550.163.02",
  iommu: true,
  reboot: random.chance(80) ? "whenIdle" : "never",
});

const virtualFunctions = (random: Random, { cards }: ModelHost): object => ({
  gpus: random.chance(70) ? "all" : [random.oneOf(cards).address],
  onDelete: random.oneOf(["keep", "disable", "disable"]),
});
