import { VgpuArguments } from "../../model/desired/vgpu";
import { assignmentOf, findVgpu, isLostByReboot } from "../../plan/vgpu";
import { uuidOf } from "../engine/urn";
import type { ResourceInstance, ResourceKind } from "../resource-kind";
import { pick } from "../state";
import { SingleVgpu } from "./output-schemas";
import type { ExistingVgpu } from "./outputs";
import { vgpuOutputs } from "./outputs";
import { foreseenGpu, pinnedTo } from "./pin";
import { restorerOf } from "./restorer";
import {
  isUntouched,
  provesAbsence,
  toExistingVgpu,
  toObsolete,
  toOutputs,
  typeOf,
  vgpuGoal,
  withStateKnowledge,
} from "./vgpu-goal";

/** Arguments after check, which adds the UUID. */
type Declared = VgpuArguments & { uuid: string };

export const vgpu: ResourceKind<VgpuArguments> = {
  name: "MdevVgpu",
  schema: VgpuArguments,
  outputs: SingleVgpu,
  importedBy: "uuid",

  // Known in previews, and kept when the resource is renamed.
  withDefaults: (given, before, urn) => ({ ...given, uuid: given.uuid ?? before.uuid ?? uuidOf(urn) }),

  id: (declared) => (declared as Declared).uuid,

  goal: (declared, resource) => goal(declared as Declared, resource),

  vgpus: (from) => [from as Partial<ExistingVgpu>],

  goalOnDelete(declared, resource) {
    const made = toObsolete(resource.last);
    return isUntouched(resource, made) ? undefined : vgpuGoal(resource, declared.gpu, false, [], made);
  },

  observe(facts, declared, resource) {
    const { uuid } = declared as Declared;
    const { vgpu: matching, conflicting } = assignmentOf(facts, goal(declared as Declared, resource)).assignments[0]!;
    const there = matching ?? conflicting;
    const { gpu, outputs: pinned } = pinnedTo(facts, declared.gpu, resource.last, there ? [there] : []);
    if (there)
      return {
        arguments: { ...toExistingVgpu(facts, declared, there), gpu },
        outputs: { ...toOutputs(facts, there, uuid, [resource.last]), ...pinned },
      };
    // A vGPU that a reboot removed is created again with the same UUID, also if the resource was renamed.
    const stays = !provesAbsence(facts) || isLostByReboot(facts, uuid, resource.claim);
    return stays
      ? { arguments: { ...declared, gpu }, outputs: { ...pick(resource.last, vgpuOutputs), ...pinned } }
      : undefined;
  },

  foreseen: (facts, declared, resource) => foreseenGpu(facts, declared.gpu, resource.last),

  lookup(facts, id) {
    const uuid = id.toLowerCase();
    const there = findVgpu(facts, uuid);
    if (!there) return undefined;
    const gpuUuid = facts.gpus.find(({ address }) => address === there.gpu)?.uuid ?? undefined;
    return {
      arguments: {
        gpu: { address: there.gpu },
        type: typeOf(there),
        uuid,
        ...(there.parameters && { parameters: there.parameters }),
      },
      outputs: { ...toOutputs(facts, there, uuid), gpuUuid },
    };
  },

  replaces: (last, inputs) => (last.uuid !== inputs.uuid ? ["uuid"] : []),
};

const goal = ({ gpu, takeOver, restoreAtBoot, ...one }: Declared, resource: ResourceInstance) => ({
  ...vgpuGoal(resource, gpu, false, [withStateKnowledge({ ...one, interchangeable: false }, resource.last)], []),
  takeOver,
  restorer: restorerOf({ restoreAtBoot }),
});
