import { VgpuArguments } from "../../model/desired/vgpu";
import { assignmentOf, findVgpu, isLostByReboot } from "../../plan/vgpu";
import type { ResourceKind, Subject } from "../resource-kind";
import { pick } from "../state";
import { uuidOf } from "../uuid";
import { asFound, asKnown, cardDesire, existing, isSure, isUntouched, remembered, typeOf } from "./card";
import type { ExistingVgpu, PinnedGpu } from "./outputs";
import { pinnedTo } from "./pin";

/** With the identity that it was given when it was declared. */
type Declared = VgpuArguments & { uuid: string };

export const vgpu: ResourceKind<VgpuArguments> = {
  name: "MdevVgpu",
  schema: VgpuArguments,

  // Known in preview, and kept when the resource gets another name.
  complete: (given, before, urn) => ({ ...given, uuid: given.uuid ?? before.uuid ?? uuidOf(urn) }),

  id: (declared) => (declared as Declared).uuid,

  desire: (declared, subject) => desire(declared as Declared, subject),

  vgpus: (from) => [from as Partial<ExistingVgpu>],

  farewell(declared, subject) {
    const made = remembered(subject.last);
    return isUntouched(subject, made) ? undefined : cardDesire(subject, declared.gpu, false, [], made);
  },

  see(facts, declared, subject) {
    const { uuid } = declared as Declared;
    const { vgpu: asWanted, instead } = assignmentOf(facts, desire(declared as Declared, subject)).assignments[0]!;
    const there = asWanted ?? instead;
    const { gpu, outputs: card } = pinnedTo(facts, declared.gpu, subject.last, there ? [there] : []);
    if (there) return { arguments: { ...asFound(facts, declared, there), gpu }, outputs: { ...existing(facts, there, uuid, [subject.last]), ...card } };
    // What a reboot took comes back under the same UUID, whatever name the resource has by then.
    const stays = !isSure(facts) || isLostByReboot(facts, uuid, subject.claim);
    return stays ? { arguments: { ...declared, gpu }, outputs: { ...pick(subject.last, outputs), ...card } } : undefined;
  },

  find(facts, id) {
    const uuid = id.toLowerCase();
    const there = findVgpu(facts, uuid);
    if (!there) return undefined;
    const gpuUuid = facts.gpus.find(({ address }) => address === there.gpu)?.uuid ?? undefined;
    return { arguments: { gpu: { address: there.gpu }, type: typeOf(there), uuid }, outputs: { ...existing(facts, there, uuid), gpuUuid } };
  },

  replaces: (last, wanted) => (last.uuid !== wanted.uuid ? ["uuid"] : []),
};

const desire = ({ gpu, takeOver, ...one }: Declared, subject: Subject) => ({
  ...cardDesire(subject, gpu, false, [asKnown({ ...one, interchangeable: false }, subject.last)], []),
  takeOver,
});

const outputs: (keyof ExistingVgpu | keyof PinnedGpu)[] = [
  "gpuAddress", "gpuUuid", "parentAddress", "framework", "typeId", "typeName", "framebufferMiB", "iommuGroup", "adopted", "hostdevXml",
];
