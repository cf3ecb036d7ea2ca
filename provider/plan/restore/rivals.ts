import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown } from "../../model/unknown";
import type { VgpuGoal } from "../goal";
import { selectGpus } from "../gpu/find";
import { keepsMigMode } from "../gpu/readiness";
import type { BlockerReason } from "../plan";
import { findVgpu } from "../vgpu/vgpu";
import type { RestoringGoal } from "./restoring";
import { declaresNothing } from "./restoring";

/** Returns what else would create the same things at boot: two of them hinder each other (B34, B65, B162). */
export function rivalBlockers(facts: HostFacts, goal: RestoringGoal): BlockerReason[] {
  if (declaresNothing(goal)) return [];
  // Read with all services, which are unknown also on a host as it will be with its driver. What is installed already stays.
  const { unit, digest } = facts.restore;
  if (digest === null && !isKnown(unit))
    return [
      {
        reason: `whether another unit creates the same at boot could not be read: ${unit.unknown}`,
        hint: `Run systemctl status on the host, and run it again when it answers, ${orNot}`,
      },
    ];
  if (goal.kind === "vgpus") return rivalsOfVgpus(facts, goal);
  const { gpus } = selectGpus(facts, {
    gpus: goal.kind === "mig" ? goal.arguments.enabled : goal.gpus,
    pins: goal.pins,
  });
  // A mode that the GPU keeps is on before anything enables virtual functions.
  const needsNoVfsYet = goal.kind === "sriov" || gpus.some((gpu) => !keepsMigMode(gpu));
  return [...rivalsOfMig(facts, gpus), ...(needsNoVfsYet ? rivalsOfVfs(facts) : [])];
}

const orNot = "or set restoreAtBoot: false";

/** It sets the mode of its own configuration at boot, and resets GPUs for that. GPUs without MIG mode are none of its business. */
function rivalsOfMig(facts: HostFacts, gpus: readonly Gpu[]): BlockerReason[] {
  const hasMig = gpus.some(({ mig }) => isKnown(mig) && mig);
  return hasMig ? rivalUnits(facts, /^nvidia-mig-manager/, "sets MIG mode and GPU instances") : [];
}

function rivalsOfVfs(facts: HostFacts): BlockerReason[] {
  const known = rivalUnits(facts, /^(pve-)?nvidia-sriov|^edpm_nvidia_sriov/, "enables virtual functions");
  const lines = facts.restore.rivalLines
    .map(({ file, line }) => ({ file, line, unit: unitOf(file) }))
    .filter(({ unit }) => !known.some(({ reason }) => reason.startsWith(`${unit} `)));
  return [
    ...known,
    ...lines.map(({ file, line, unit }) => ({
      reason: `${unit ?? file} enables virtual functions at boot, too: ${line}`,
      hint: `${unit ? `Turn it off: systemctl disable ${unit}` : "Remove that line"}, ${orNot}`,
    })),
  ];
}

/** Returns the enabled unit of a link below /etc/systemd/system. */
const unitOf = (file: string): string | undefined => /^\/etc\/systemd\/.*\/([^/]+)$/.exec(file)?.[1];

/** Definitions of other vGPUs are no rivals: they do not create the same ones, or on the same function. */
function rivalsOfVgpus(facts: HostFacts, { desired }: VgpuGoal): BlockerReason[] {
  const uuids = desired.map(({ uuid }) => uuid);
  const functions = uuids
    .flatMap((uuid) => findVgpu(facts, uuid) ?? [])
    .flatMap(({ function: at, gpu }) => (at === gpu ? [] : (at as string)));
  const definitions = isKnown(facts.mdevDefinitions) ? facts.mdevDefinitions : [];
  return [
    ...rivalUnits(facts, /^nvidia-mdev@/, "creates vGPUs"),
    ...definitions
      .filter(({ auto, uuid, parent }) => auto && (uuids.includes(uuid.toLowerCase()) || functions.includes(parent)))
      .map(({ uuid, parent }) => ({
        device: uuid,
        reason: `mdevctl creates ${uuid} on ${parent} at boot, too`,
        hint: `Let it start it only on request: mdevctl modify -u ${uuid} -p ${parent} --manual, ${orNot}`,
      })),
  ];
}

function rivalUnits({ driver: { services } }: HostFacts, names: RegExp, does: string): BlockerReason[] {
  const units = isKnown(services) ? services : [];
  return units
    .filter(({ name, present, enabled }) => present && /^enabled|^linked/.test(enabled) && names.test(name))
    .map(({ name }) => ({
      reason: `${name} ${does} at boot, too`,
      hint: `Turn it off: systemctl disable ${name}, ${orNot}`,
    }));
}
