import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { pciAddress } from "../../model/pci-address";
import { isKnown } from "../../model/unknown";
import type { VgpuTypeName } from "../../model/vgpu-type";
import { isType, shortName } from "../../model/vgpu-type";
import type { DesiredVgpu, ObsoleteVgpu, VgpuGoal } from "../../plan";
import { migTypesOf } from "../../plan/gpu-instances/mig-of";
import { hostdevXml, normalizeParameters } from "../../plan/vgpu";
import { recordOf } from "../../plan/vgpu/vgpu";
import type { ResourceInstance } from "../resource-kind";
import { toState } from "../state";
import { gpuInstanceOf } from "./division";
import type { ExistingVgpu } from "./outputs";
import { pinOf } from "./pin";

type Own = Pick<DesiredVgpu, "type" | "virtualFunction" | "parameters">;

export const vgpuGoal = (
  { urn, claim, last, siblings }: ResourceInstance,
  gpu: VgpuGoal["gpu"],
  managesWholeGpu: boolean,
  desired: DesiredVgpu[],
  obsolete: ObsoleteVgpu[],
): VgpuGoal => ({
  kind: "vgpus",
  key: urn,
  gpu,
  pin: pinOf(last),
  desired,
  obsolete,
  claim,
  managesWholeGpu,
  siblings: siblings?.(),
});

/** Returns the outputs of a vGPU. `before` has whether it was adopted, in case its record is lost. */
export const toOutputs = (
  facts: HostFacts,
  vgpu: Vgpu,
  uuid: string,
  before: readonly Partial<ExistingVgpu>[] = [],
): ExistingVgpu => {
  const record = recordOf(facts, vgpu);
  const gpu = facts.gpus.find(({ address }) => address === vgpu.gpu);
  const type = gpu && typesOf(gpu).find(({ id }) => id === vgpu.type.id);
  return {
    uuid,
    gpuAddress: vgpu.gpu,
    parentAddress: vgpu.function,
    framework: vgpu.framework,
    typeId: vgpu.type.id,
    typeName: vgpu.type.name ?? undefined,
    framebufferMiB: type?.framebufferMiB ?? undefined,
    iommuGroup: vgpu.iommuGroup ?? undefined,
    gpuInstance: gpuInstanceOf(gpu, vgpu),
    placementId: vgpu.placementId ?? undefined,
    adopted: record ? record.adopted : before.find((one) => one.uuid === uuid)?.adopted,
    hostdevXml: hostdevXml(vgpu),
  };
};

const typesOf = (gpu: Gpu) => [...gpu.types, ...migTypesOf(gpu)];

/** Returns a vGPU of an earlier run to remove, if the state has its place. Without that it must not be removed (B77). */
export function toObsolete({ uuid, parentAddress, typeId, adopted }: Partial<ExistingVgpu>): ObsoleteVgpu[] {
  if (uuid === undefined || parentAddress === undefined || typeId === undefined) return [];
  return [{ uuid, function: pciAddress(parentAddress), typeId, ...(adopted && { adopted }) }];
}

/** Returns whether nothing was ever applied for the resource. Otherwise the host may have more than the state. */
export const isUntouched = ({ claim }: ResourceInstance, made: readonly ObsoleteVgpu[]): boolean =>
  made.length === 0 && claim.instance === "";

/** Adds to a desired vGPU what the state has about the existing one. */
export function withStateKnowledge(desired: DesiredVgpu, last: Partial<ExistingVgpu> | undefined): DesiredVgpu {
  const [known] = toObsolete(last ?? {});
  if (known?.uuid !== desired.uuid) return desired;
  const { function: at, typeId, adopted } = known;
  return { ...desired, ...(!adopted && { known: true }), last: { function: at, typeId } };
}

/** Returns whether absence from the facts proves absence on the host (root, readable records). */
export const provesAbsence = ({ system, records }: HostFacts): boolean => system.root && isKnown(records);

/** Returns the arguments as observed, spelled as declared where that fits. */
export function toExistingVgpu<T extends Own>(facts: HostFacts, declared: T, vgpu: Vgpu): T {
  const at = facts.gpus.flatMap(({ functions }) => functions).find(({ address }) => address === vgpu.function);
  const isThere = [undefined, vgpu.function, at?.index].includes(declared.virtualFunction);
  const hasParameters =
    vgpu.parametersUnread || normalizeParameters(declared.parameters) === normalizeParameters(vgpu.parameters);
  return toState({
    ...declared,
    type: isType(declared.type, vgpu.type) ? declared.type : typeOf(vgpu),
    virtualFunction: isThere ? declared.virtualFunction : (at?.index ?? vgpu.function),
    parameters: hasParameters ? declared.parameters : vgpu.parameters || undefined,
  }) as T;
}

/** Returns the type as a user would write it. */
export const typeOf = ({ type: { id, name } }: Vgpu): VgpuTypeName =>
  (name === null ? String(id) : shortName(name)) as VgpuTypeName;
