import type { VgpuFunction } from "../model/facts/gpu";
import type { HostFacts } from "../model/facts/host-facts";
import type { OrUnknown } from "../model/unknown";
import { isKnown, isUnknown } from "../model/unknown";
import { planBuilder } from "./builder";
import type { Plan } from "./plan";

/**
 * Returns the facts for a plan that is only shown. Nothing is changed through a login that is not root, so who uses what would be changed is
 * no question there: without this, "who uses it cannot be read" would hide each difference. Facts of root stay as they are.
 */
export function factsToShow(facts: HostFacts): HostFacts {
  if (facts.system.root) return facts;
  const withoutUsers = <T extends Pick<VgpuFunction, "users">>(one: T): T => ({
    ...one,
    users: knownOr(one.users, []),
  });
  const isSmiDenied = isDenied(facts);
  return {
    ...facts,
    driver: isSmiDenied ? { ...facts.driver, nvidiaSmi: null } : facts.driver,
    gpus: facts.gpus.map((gpu) => ({
      ...gpu,
      functions: gpu.functions.map(withoutUsers),
      mig: isSmiDenied ? knownOr(gpu.mig, null) : gpu.mig,
    })),
    vgpus: facts.vgpus.map(withoutUsers),
    guests: knownOr(facts.guests, []),
    virtualMachines: knownOr(facts.virtualMachines, []),
    containers: knownOr(facts.containers, []),
    holders: knownOr(facts.holders, []),
    mdevDefinitions: knownOr(facts.mdevDefinitions, []),
  };
}

/** Without records it cannot be determined which vGPUs belong to which stack, so they are compared with nothing. */
export const canCompareVgpus = ({ system, records }: HostFacts): boolean => system.root || isKnown(records);

/** Returns notes on what a login that only looks could not read, and on a probe of another release. */
export function readingNotes(facts: HostFacts, keys: readonly string[], hasVgpus: boolean): Plan["notes"] {
  const { root, installedProbe } = facts.system;
  const unread = root ? [] : unreadFacts(facts);
  const messages = [
    ...(unread.length > 0 ? [`not readable without root: ${unread.join(", ")}`] : []),
    ...(hasVgpus && !canCompareVgpus(facts)
      ? ["whether the vGPUs are in sync is not known: without their records it is not known which stack owns them"]
      : []),
    ...(installedProbe?.isCurrent === false
      ? [
          `the probe on the host is of release ${installedProbe.version}: install that of this one, which npx pulumi-nvidia-vgpu probe prints`,
        ]
      : []),
  ];
  return messages.flatMap((message) => planBuilder(...keys).noted(message).notes);
}

function unreadFacts(facts: HostFacts): string[] {
  const { system, boot, gpus, vgpus, guests, holders, virtualMachines, containers, records } = facts;
  const users = [guests, holders, ...[...vgpus, ...gpus.flatMap(({ functions }) => functions)].map((one) => one.users)];
  const rows: [string, boolean][] = [
    ["who uses GPUs and vGPUs", users.some(isUnknown)],
    ["whether the host is idle", [virtualMachines, containers].some(isUnknown)],
    ["the records of vGPUs", isUnknown(records)],
    ["parameters of vGPUs", vgpus.some(({ parametersUnread }) => parametersUnread)],
    ["the journal of nvidia-vgpud", gpus.some(({ refused }) => isUnknown(refused))],
    ["what nvidia-smi reports", isDenied(facts)],
    ["GPU instances", gpus.some(({ mig }) => isKnown(mig) && mig !== null && isUnknown(mig.instances))],
    ["what boots next", isUnknown(boot.next.kernel)],
    ["the product UUID", isUnknown(system.identity.productUuid)],
  ];
  return rows.flatMap(([what, isUnread]) => (isUnread ? [what] : []));
}

/** The nodes in /dev may be for root alone (NVreg_DeviceFileMode). */
const isDenied = ({ driver: { nvidiaSmi } }: HostFacts): boolean =>
  nvidiaSmi !== null && nvidiaSmi.exitCode !== 0 && /insufficient permissions/i.test(nvidiaSmi.firstLine);

const knownOr = <T>(fact: OrUnknown<T>, otherwise: T): T => (isKnown(fact) ? fact : otherwise);
