import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { isUnknown } from "../../model/unknown";
import { formatProcess, formatUsers } from "../../plan/format";
import { usesVirtualFunctions } from "../../plan/gpu/vf-support";
import { instancesOf, profileNames } from "../../plan/gpu-instances/mig-of";
import { isInUse } from "../../plan/use";
import { formatType } from "../../plan/vgpu/vgpu";
import { orUnknownText } from "./system";

const head = ["GPU", "model", "VFs", "state", "vGPUs", "used by"];

/** Returns a header and one row for each GPU. */
export function gpuRows(facts: HostFacts): string[][] {
  return [head, ...facts.gpus.map((gpu) => row(facts, gpu))];
}

function row(facts: HostFacts, gpu: Gpu): string[] {
  const vgpus = facts.vgpus.filter((vgpu) => vgpu.gpu === gpu.address);
  return [
    gpu.address,
    gpu.model ?? `10de:${gpu.deviceId}`,
    vfsText(gpu),
    stateText(gpu),
    byType(vgpus),
    lines([...users(gpu, vgpus), ...holders(facts, gpu)]),
  ];
}

function vfsText(gpu: Gpu): string {
  if (!usesVirtualFunctions(gpu)) return "not used";
  return gpu.sriov ? `${gpu.sriov.enabled} of ${gpu.sriov.total} on` : "none";
}

function byType(vgpus: readonly Vgpu[]): string {
  const counts = new Map<string, number>();
  for (const { type } of vgpus) counts.set(formatType(type), (counts.get(formatType(type)) ?? 0) + 1);
  return lines([...counts].map(([type, count]) => `${count} × ${type}`));
}

/** Returns the users of vGPUs, then those of functions without a vGPU. */
function users(gpu: Gpu, vgpus: readonly Vgpu[]): string[] {
  const functionsWithVgpu = new Set<string>(vgpus.map((vgpu) => vgpu.function));
  const empty = gpu.functions.filter(({ address }) => !functionsWithVgpu.has(address));
  const used = [
    ...vgpus.map(({ function: at, type, users: by }) => ({ what: `${formatType(type)} on ${at}`, by })),
    ...empty.map(({ address, users: by }) => ({ what: address as string, by })),
  ];
  return used.flatMap(({ what, by }) => (isInUse(by) ? [`${what}: ${orUnknownText(by, formatUsers)}`] : []));
}

function holders({ holders: all }: HostFacts, { deviceNode }: Gpu): string[] {
  if (deviceNode === null) return [];
  return isUnknown(all)
    ? [orUnknownText(all, String)]
    : all.filter(({ device }) => device === deviceNode).map(({ process }) => formatProcess(process));
}

/** Returns the framework of a GPU, or why it offers no vGPUs. */
function stateText(gpu: Gpu): string {
  const { driver, framework, mig, refused } = gpu;
  if (driver !== "nvidia") return driver ? `bound to ${driver}` : "without a driver";
  if (isUnknown(mig)) return lines([framework ?? "no types yet", `MIG ${orUnknownText(mig, String)}`]);
  if (mig?.current) return lines(["MIG mode", ...instances(gpu)]);
  if (mig?.pending) return "MIG mode after its next reset";
  if (refused !== null)
    return `${isUnknown(refused) ? "possibly " : ""}refused by nvidia-vgpud${isUnknown(refused) ? `: ${refused.unknown}` : ""}`;
  return framework ?? "no types yet";
}

/** Returns the GPU instances by profile: `3 × 1g.5gb`. */
function instances(gpu: Gpu): string[] {
  const names = instancesOf(gpu).map(({ profileId }) => profileNames(gpu)(profileId));
  return [...new Set(names)].map((name) => `${names.filter((one) => one === name).length} × ${name}`);
}

/** Joins the lines of a cell. */
const lines = (all: readonly string[]): string => all.join("\n") || "-";
