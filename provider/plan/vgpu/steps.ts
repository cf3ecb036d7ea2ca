import type { HostFacts } from "../../model/facts/host-facts";
import type { VgpuRecord } from "../../model/facts/vgpu";
import { idOf, step, type Step } from "../plan";
import type { Assignment } from "./assign";
import type { CardDesire } from "../desire";
import { identityOf, recordOf, recordsOf } from "./identity";
import { typeInWords, vgpuInWords } from "./in-words";
import { inOneSpelling } from "./parameters";
import { isOfAnotherLife, isOfThisLife, isRecordedBy, recordWords } from "./record";
import type { Placed } from "./settle";
import { isOwn, whose } from "./whose";
import { differsInParameters, type Removal, type Work } from "./work";

export function removalSteps(facts: HostFacts, { desire, removals }: Work): Step[] {
  return removals.map(({ vgpu, because }) =>
    step({
      does: `remove ${vgpuInWords(vgpu)}`,
      because,
      run: removal(facts, vgpu),
      device: vgpu.uuid ?? vgpu.function,
      vgpu: { type: typeInWords(vgpu.type), gpu: vgpu.gpu },
      for: [desire.key],
    }),
  );
}

function removal(facts: HostFacts, vgpu: Removal["vgpu"]): string[] {
  const identity = identityOf(facts, vgpu);
  return vgpu.uuid
    ? ["remove_mdev", vgpu.uuid]
    : ["clear_type", vgpu.function, String(vgpu.type.id), ...(identity ? [identity] : [])];
}

/** What was made for a desire, is wanted no more, and was lost before it could be removed. */
export function forgettingSteps(facts: HostFacts, { desire }: Work): Step[] {
  const isWanted = (uuid: string | undefined) => desire.wanted.some((one) => one.uuid === uuid);
  const isLost = ({ uuid }: VgpuRecord) => !facts.vgpus.some((vgpu) => identityOf(facts, vgpu) === uuid);
  const isNamed = (record: VgpuRecord) =>
    isOwn(desire, record) && !isOfAnotherLife(desire.claim, record) && desire.unwanted.some(({ uuid }) => uuid === record.uuid);
  const isEnd = desire.wanted.length === 0;
  const isForgotten = (record: VgpuRecord) =>
    (isNamed(record) || (isEnd && isOfThisLife(desire.claim, record))) && !isWanted(record.uuid) && isLost(record);
  return recordsOf(facts).filter(isForgotten).map(({ uuid }) => forget(uuid, "it is not wanted any more, and gone", desire.key));
}

/** What was there before the resource stays when the resource goes. */
export function givingBackSteps(facts: HostFacts, { desire, givenBack }: Work): Step[] {
  return givenBack.map((vgpu) =>
    forget(identityOf(facts, vgpu)!, `${vgpuInWords(vgpu)} was there before and was adopted: it is given back and stays`, desire.key),
  );
}

const forget = (uuid: string, because: string, key: string): Step =>
  step({ does: `forget the vGPU ${uuid}`, because, run: ["forget_vgpu", uuid], device: uuid, for: [key] });

export function creationSteps(
  facts: HostFacts,
  { work: { desire, gpu }, wanted, type, function: fn, because, needs, displaces }: Placed,
): Step[] {
  const words = [
    fn.address,
    String(type.id ?? type.name),
    wanted.uuid,
    inOneSpelling(wanted.parameters),
    ...recordWords(desire.claim, gpu!, fn.framework!),
  ];
  const forgotten = displaces.map((uuid) =>
    forget(uuid, `its vGPU on ${fn.address} is gone, and another one takes the place`, desire.key),
  );
  const creation = step({
    does: `create ${type.name} ${wanted.name ? `"${wanted.name}" ` : ""}${wanted.uuid} on ${fn.address}`,
    because,
    run: [fn.framework === "mdev" ? "create_mdev" : "set_type", ...words],
    after: [...needs.map((vgpu) => idOf(removal(facts, vgpu))), ...forgotten.map(({ id }) => id)],
    device: wanted.uuid,
    vgpu: { type: type.name, gpu: gpu!.address },
    for: [desire.key],
    limitSeconds: 120,
  });
  return [...forgotten, creation];
}

/** Of what is there already: that it is ours now, and its parameters. */
export function keepingSteps(facts: HostFacts, { desire, stays }: Work): Step[] {
  return stays.flatMap((one) => [
    ...adoption(facts, one, desire),
    ...(differsInParameters(one) ? [parameters(one, desire.key)] : []),
  ]);
}

function adoption(facts: HostFacts, { wanted, vgpu, uuid }: Assignment, desire: CardDesire): Step[] {
  const { claim, key } = desire;
  const record = recordOf(facts, vgpu!);
  const is = whose(facts, desire, vgpu!);
  const isKnownAsWanted = uuid === wanted.uuid || record?.servesAs === wanted.uuid;
  if (record && is !== "takenOver" && isRecordedBy(claim, record) && isKnownAsWanted) return [];
  const because = !record
    ? "it is there as wanted, and nobody wrote down whose it is"
    : record.owner !== claim.owner && is === "takenOver"
      ? `it is taken over from ${record.owner}`
      : isKnownAsWanted
        ? `it now belongs to ${claim.resource}`
        : `it now serves as ${wanted.name ?? wanted.uuid}`;
  const { type, gpu, framework, parameters } = vgpu!;
  const serves = uuid === wanted.uuid ? undefined : wanted.uuid;
  const about = recordWords(claim, facts.gpus.find(({ address }) => address === gpu)!, framework, { serves, adopted: is === "nobodys" || is === "adopted" });
  const run = ["adopt_vgpu", uuid, vgpu!.function, String(type.id), inOneSpelling(parameters), ...about];
  const which = { device: uuid, vgpu: { type: typeInWords(type), gpu } };
  return [step({ does: `adopt ${vgpuInWords(vgpu!)}`, because, run, ...which, for: [key] })];
}

function parameters({ wanted, vgpu, uuid }: Assignment, key: string): Step {
  const wants = inOneSpelling(wanted.parameters);
  const has = inOneSpelling(vgpu!.parameters);
  return step({
    does: `set the parameters of ${vgpuInWords(vgpu!)} (${typeInWords(vgpu!.type)})`,
    because: `${has ? `"${has}"` : "nothing"} is set instead of ${wants ? `"${wants}"` : "nothing"}`,
    run: ["set_parameters", vgpu!.uuid ?? vgpu!.function, wants, uuid],
    device: vgpu!.uuid ?? vgpu!.function,
    for: [key],
  });
}
