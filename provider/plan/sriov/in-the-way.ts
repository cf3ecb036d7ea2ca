import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu, VgpuRecord } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import type { CardDesire, Claim, DriverDesire, SriovDesire } from "../desire";
import { toEnd } from "../ending";
import { gpuInWords, processInWords } from "../in-words";
import type { Obstacle } from "../obstacle";
import { isFree, whyUsed } from "../use";
import { vgpuInWords } from "../vgpu/in-words";
import { recordOf } from "../vgpu/identity";
import { isOfThisLife } from "../vgpu/record";
import { siblingWith } from "../vgpu/siblings";
import { virtualFunctions } from "./vfs";

/**
 * Who would lose something with the VFs of this GPU: users of VFs and vGPUs, and whoever made vGPUs that are not ours (B38, B47). What
 * our stack adopted is ours here: its layout, which stands on this, puts it back in the same run, or has given it back before.
 */
export function whatACycleTakes(facts: HostFacts, gpu: Gpu, desire: DriverDesire | SriovDesire): Obstacle[] {
  const vgpus = facts.vgpus.filter((vgpu) => vgpu.gpu === gpu.address);
  const carriers = vgpus.map((vgpu) => vgpu.function);
  const bare = virtualFunctions(gpu).filter(({ address }) => !carriers.includes(address));
  return [
    ...bare.flatMap(({ address, users }) => inUse(address, `the virtual function ${address}`, users)),
    ...vgpus.flatMap((vgpu) => inUse(vgpu.function, vgpuInWords(vgpu), vgpu.users)),
    ...vgpus.filter(({ users }) => isFree(users)).flatMap((vgpu) => notOurs(vgpu, recordOf(facts, vgpu)?.owner, desire)),
  ];
}

function inUse(device: string, name: string, users: Vgpu["users"]): Obstacle[] {
  if (isFree(users)) return [];
  return [{ device, ...whyUsed(name, users, "Shut the guest down and take the device out of its definition") }];
}

/** vGPUs of our own stack that nobody removes in the same plan: with the `base` that they need they would be gone for good. */
export function whatStays(facts: HostFacts, gpu: Gpu, { owner }: Claim, cards: readonly CardDesire[], base: string): Obstacle[] {
  const isLeaving = (record: VgpuRecord) =>
    cards.some(({ claim, wanted, unwanted }) =>
      unwanted.some(({ uuid }) => uuid === record.uuid) || (wanted.length === 0 && isOfThisLife(claim, record)));
  return facts.vgpus.filter((vgpu) => vgpu.gpu === gpu.address && isFree(vgpu.users)).flatMap((vgpu) => {
    const record = recordOf(facts, vgpu);
    if (record?.owner !== owner || isLeaving(record)) return [];
    const { resource } = record;
    const seen = `${vgpuInWords(vgpu)}${resource ? `, which ${resource} has,` : ""} would be lost`;
    const next = `Remove that resource first, or keep ${base} with onDelete: "keep"`;
    // The vGPUs of a create whose process was killed belong to a resource that no state has.
    const unknown = resource ? `. If the stack has no ${resource}, its creation was cut short: declare it for one more up, then remove it` : "";
    return [{ device: vgpu.function, seen, next: next + unknown }];
  });
}

function notOurs(vgpu: Vgpu, maker: string | undefined, desire: DriverDesire | SriovDesire): Obstacle[] {
  if (maker === desire.claim.owner) return [];
  const sibling = maker === undefined ? siblingWith(desire, vgpu) : undefined;
  if (sibling) {
    const seen = `${vgpuInWords(vgpu)}, which ${sibling.resource} has, is not recorded on the host and would be lost`;
    return [{ device: vgpu.function, seen, next: `To have it recorded, run: pulumi up --refresh --target '${sibling.urn}'` }];
  }
  const next = maker === undefined ? "Remove it if nobody needs it" : "Remove it with the program of that stack if nobody needs it";
  return [{ device: vgpu.function, seen: `${vgpuInWords(vgpu)} was made by ${maker ?? "somebody else"} and would be lost`, next }];
}

/**
 * Processes that keep sriov-manage from taking the GPU (B34). nvidia-vgpu-mgr does not: it belongs to the driver. A single
 * nvidia-smi is gone in a moment.
 */
export function whoHolds(facts: HostFacts, gpu: Gpu): Obstacle[] {
  if (gpu.deviceNode === null) return [];
  if (!isKnown(facts.holders)) {
    const seen = `who has ${gpuInWords(gpu)} open could not be read: ${facts.holders.unknown}`;
    return [{ device: gpu.address, seen, next: "Log in as root, or with sudo" }];
  }
  return facts.holders
    .filter(
      ({ device, process }) =>
        device === gpu.deviceNode && process.unit !== "nvidia-vgpu-mgr.service" && !passing.includes(process.command),
    )
    .map(({ process }) => ({
      device: gpu.address,
      seen: `${processInWords(process)} holds ${gpuInWords(gpu)} open, so sriov-manage cannot take it`,
      next: `${toEnd(process)} while this runs`,
    }));
}

const passing = ["nvidia-vgpu-mgr", "nvidia-smi"];
