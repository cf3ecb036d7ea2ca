import { expect } from "vitest";
import { formatResource } from "../../../provider/lifecycle/claim";
import { isKnown } from "../../../provider/model/unknown";
import type { Step } from "../../../provider/plan";
import type { ModelVgpu } from "../../plan/model/cards";
import { typeBy } from "../../plan/model/cards";
import type { ModelHost } from "../../plan/model/host";
import type { Client } from "./client";
import type { Run, Stack } from "./stack";

type Planned = Client["planned"][number];

/** A host before a run. */
export const snapshot = ({ vgpus, boots, records }: ModelHost) => ({
  vgpus: [...vgpus],
  boots,
  records: new Map(records),
});
type Before = ReturnType<typeof snapshot>;

/** What has to hold for every run, however it ended. */
export function checkRun(host: ModelHost, before: Before, stack: Stack, run: Run): void {
  const { client } = run;
  for (const planned of client.planned) for (const step of planned.steps) refuseBlind(planned, step);
  expect(client.isEndless, "a run that does not end").toBe(false);
  expect(repeated(host.reboots), "rebooted twice for one reason").toEqual([]);
  if (!client.disturbedBy) expect(client.refusals, "steps that the plan could have known to be refused").toEqual([]);
  const gone = host.boots === before.boots ? before.vgpus.filter((vgpu) => !host.vgpus.includes(vgpu)) : [];
  const theirs = gone.filter((vgpu) => vgpu.maker.stack !== stack.id && !mayTake(before, stack, vgpu));
  expect(theirs.map(inWords), "of another owner, and gone").toEqual([]);
  expect(gone.filter(({ users }) => users.length > 0).map(inWords), "in use, and gone").toEqual([]);
  expect(orphans(host, stack, run).map(inWords), "left behind by a delete that ended well").toEqual([]);
  const isDone = run.isWhole && run.errors.size === 0 && !["killed", "reboot"].includes(client.disturbedBy ?? "");
  if (isDone) expect(missing(host, stack), "declared, and missing behind an up that ended well").toEqual([]);
  if (isDone)
    expect(
      surplus(host, stack),
      "made for a resource, and more than it declares, behind an up that ended well",
    ).toEqual([]);
}

const repeated = (words: readonly string[]) => words.filter((one, i) => words.indexOf(one) < i);

/**
 * The program names whose vGPUs become its own. And two states of one name give the same UUID to the same resource: without the record,
 * or with one of 0.1, it cannot be told which of them made it.
 */
function mayTake({ records }: Before, stack: Stack, vgpu: ModelVgpu): boolean {
  const record = recordOf(records, vgpu);
  if (record?.instance === undefined && vgpu.maker.resource?.startsWith(stack.urnPrefix)) return true;
  const named = [...stack.program.values()].flatMap(({ args }) => (args as { takeOver?: string[] }).takeOver ?? []);
  return named.includes(!record || record.adopted ? "unrecorded" : record.owner);
}

const recordOf = (records: ModelHost["records"], { uuid, function: at, type }: ModelVgpu) =>
  [...records.values()].find((one) => (uuid ? one.uuid === uuid : one.function === at && one.typeId === type.id));

/** A plan takes nothing that somebody uses, and nothing of which it cannot be told. */
function refuseBlind({ facts }: Planned, step: Step): void {
  const [name, at] = step.command;
  const isCycle = ["enable_vfs", "disable_vfs", "cycle_vfs"].includes(name!);
  const takes = facts.vgpus.filter(({ uuid, function: on, gpu }) =>
    isCycle ? gpu === at : removals.includes(name!) && [uuid, on].includes(at!),
  );
  const vfs = isCycle ? facts.gpus.filter(({ address }) => address === at).flatMap(({ functions }) => functions) : [];
  for (const { users } of [...takes, ...vfs]) expect(users, `users of what is taken by ${step.id}`).toEqual([]);
  if (isCycle) expect(isKnown(facts.holders), `who has open what is cycled by ${step.id} is known`).toBe(true);
  if (takes.length > 0) expect(isKnown(facts.records), `whose it is what is taken by ${step.id} is known`).toBe(true);
}

const removals = ["remove_mdev", "clear_type"];

/** Made for a resource that was deleted, still there, and not named; also what a create left whose end nobody saw. */
function orphans({ vgpus, records }: ModelHost, { id }: Stack, { deleted, said }: Run): ModelVgpu[] {
  const left = vgpus.filter(({ maker }) => maker.stack === id && deleted.has(maker.resource!));
  const isOfAnotherLife = (vgpu: ModelVgpu) => {
    const record = recordOf(records, vgpu);
    return record !== undefined && record.instance !== deleted.get(vgpu.maker.resource!);
  };
  return left.filter(
    (vgpu) => !isOfAnotherLife(vgpu) && !said.some((line) => line.includes(vgpu.uuid ?? vgpu.function)),
  );
}

/** Resources for which there are fewer vGPUs of a type on a card than all of the program together want. */
function missing({ cards, vgpus }: ModelHost, { program }: Stack): string[] {
  const wanted = new Map<string, number>();
  for (const { args } of program.values()) {
    const { gpu } = args as { gpu: string };
    for (const one of typesOf(args)) wanted.set(`${gpu} ${one}`, (wanted.get(`${gpu} ${one}`) ?? 0) + 1);
  }
  return [...wanted]
    .filter(([key, count]) => {
      const [gpu, type] = key.split(" ") as [string, string];
      const card = cards.find(({ address }) => address === gpu)!;
      return vgpus.filter((vgpu) => vgpu.card === card && vgpu.type.id === typeBy(card.kind, type).id).length < count;
    })
    .map(([key, count]) => `${count} ${key}`);
}

/** The type of each vGPU that a resource declares. */
function typesOf(args: object): string[] {
  const {
    type,
    vgpus = {},
    named = {},
  } = args as { type?: string; vgpus?: Record<string, number>; named?: Record<string, { type: string }> };
  return [
    ...(type ? [type] : []),
    ...Object.values(named).map((one) => one.type),
    ...Object.entries(vgpus).flatMap(([one, n]) => Array(n).fill(one) as string[]),
  ];
}

/** Resources that have more vGPUs by their records than they declare, whichever of their creations made them. */
function surplus({ vgpus, records }: ModelHost, stack: Stack): string[] {
  return [...stack.program].flatMap(([name, { kind, args }]) => {
    const isItsOwn = (vgpu: ModelVgpu) => {
      const record = recordOf(records, vgpu);
      return (
        record !== undefined &&
        !record.adopted &&
        record.owner === stack.ownerOf(name) &&
        record.resource === formatResource(stack.urn(name, kind))
      );
    };
    const its = vgpus.filter(isItsOwn);
    return ["vgpu", "layout"].includes(kind) && its.length > typesOf(args).length
      ? [`${name}: ${its.map(inWords).join(", ")}`]
      : [];
  });
}

/** After one run, a second one does nothing, and what stood in the way of some resource still does. */
export function checkSettled(first: Run, second: Run): void {
  expect(second.client.done, "done by a second run").toEqual([]);
  const failing = ({ errors }: Run) => [...errors.keys()].sort();
  expect(failing(second), "failing in a second run").toEqual(failing(first));
  if (first.client.done.length === 0) expect(second.errors, "errors of a second run").toEqual(first.errors);
}

export const inWords = ({ uuid, function: at, type, maker }: ModelVgpu): string =>
  `${type.name} ${uuid ?? ""} on ${at} of ${maker.stack ?? "somebody"} ${maker.resource ?? ""}`;
