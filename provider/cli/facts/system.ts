import type { InstalledKernel } from "../../model/facts/boot";
import type { DriverFacts, Service } from "../../model/facts/driver";
import type { HostFacts } from "../../model/facts/host-facts";
import type { GpuRecord } from "../../model/facts/restore";
import { plural } from "../../model/text";
import type { OrUnknown } from "../../model/unknown";
import { isUnknown } from "../../model/unknown";

/** Returns rows of a name and a value about the host as a whole. */
export function systemRows({ system, boot, driver, restore, records }: HostFacts): [string, string][] {
  return [
    ["system", orUnknownText(system.os, ({ name }) => name)],
    [
      "machine",
      `${system.identity.product ?? "unnamed"}, product UUID ${orUnknownText(system.identity.productUuid, (uuid) => uuid ?? "none")}`,
    ],
    ["kernel", kernels(boot)],
    ["IOMMU", iommu(system.iommu)],
    ["driver", driverText(driver)],
    [driver.nouveau.name, nouveau(driver.nouveau)],
    ["services", orUnknownText(driver.services, services)],
    ...(restore.digest === null ? [] : [["restored", restoredAtBoot(restore, records)] as [string, string]]),
    ["reboot", boot.pendingReboot.map(({ detail }) => detail).join("; ") || "not pending"],
    ...(system.root
      ? []
      : [["read by", "a user without root: facts that only root can read are unknown"] as [string, string]]),
  ];
}

export const orUnknownText = <T>(fact: OrUnknown<T>, format: (value: T) => string): string =>
  isUnknown(fact) ? `unknown: ${fact.unknown}` : format(fact);

function kernels({ kernel, next, kernels: installed }: HostFacts["boot"]): string {
  const boots = isUnknown(next.kernel) ? `which one boots next is unknown: ${next.kernel.unknown}` : next.kernel;
  if (boots === kernel) return kernel;
  const found = installed.find(({ version }) => version === boots);
  return isUnknown(next.kernel)
    ? `${kernel}; ${boots}`
    : `${kernel}; ${boots} boots next, ${found ? moduleState(found) : "about which nothing is known"}`;
}

const moduleState = ({ nvidia, headers }: InstalledKernel): string =>
  [
    orUnknownText(nvidia, (version) => (version ? `with the modules of ${version}` : "without driver modules")),
    headers ? "with headers" : "without headers",
  ].join(" and ");

function iommu({ active, vendor, groups, inFirmware }: HostFacts["system"]["iommu"]): string {
  if (active) return `on (${vendor}, ${groups} groups)`;
  return inFirmware ? "off, but present in the firmware" : "off, and not found in the firmware";
}

/** What comes back at the next boot, and what did not come back at the last one. */
const restoredAtBoot = ({ gpus, failures }: HostFacts["restore"], records: HostFacts["records"]): string =>
  [
    ...restoredOfGpus(gpus),
    orUnknownText(records, (all) => plural(all.filter(({ restore }) => restore).length, "vGPU")),
    ...failures.map(({ item, reason }) => `not after this boot: ${item === "host" ? "" : `${item}: `}${reason}`),
  ].join("; ");

function restoredOfGpus(gpus: HostFacts["restore"]["gpus"]): string[] {
  if (isUnknown(gpus)) return [`VFs of ${orUnknownText(gpus, String)}`];
  const count = (isIt: (one: GpuRecord) => boolean) => gpus.filter(isIt).length;
  const modes = count(({ mig }) => mig);
  return [
    ...(modes > 0 ? [`MIG mode of ${plural(modes, "GPU")}`] : []),
    `VFs of ${plural(
      count(({ vfs }) => vfs > 0),
      "GPU",
    )}`,
  ];
}

const flavours: Record<DriverFacts["flavour"], string> = {
  "vgpu-manager": "vGPU Manager",
  "data-centre": "NVIDIA's data-centre driver, which cannot create vGPUs",
  none: "none",
};

function driverText({ flavour, loaded, onDisk, moduleKind, packaging }: DriverFacts): string {
  const disk = isUnknown(onDisk)
    ? `on disk ${orUnknownText(onDisk, String)}`
    : onDisk === loaded
      ? null
      : `${onDisk ?? "nothing"} on disk`;
  const versions = [loaded ? `${loaded} is loaded` : "not loaded", disk];
  const from = [moduleKind && `${moduleKind} modules`, packaging && `from a .${packaging}`];
  return flavour === "none" && !loaded && !disk
    ? "none"
    : [flavours[flavour], ...versions, ...from].filter(Boolean).join(", ");
}

const nouveau = ({ loaded, blacklistedBy }: DriverFacts["nouveau"]): string =>
  [loaded ? "loaded" : "not loaded", blacklistedBy.length ? "blacklisted" : "not blacklisted"].join(", ");

/** nvidia-vgpud publishes the types and ends: inactive with success is its normal state (B18). */
const services = (all: Service[]): string =>
  all
    .filter(({ present, name }) => present && name.startsWith("nvidia"))
    .map(service)
    .join("; ") || "none of NVIDIA";

function service({ name, active, sub, result, exitStatus, enabled }: Service): string {
  const isDone = active === "inactive" && result === "success" && name === "nvidia-vgpud.service";
  const state = isDone
    ? "done"
    : active === "failed"
      ? `failed (${result}, status ${exitStatus})`
      : `${active} (${sub})`;
  return `${name.replace(/\.service$/, "")} ${state}${enabled === "disabled" ? ", not enabled" : ""}`;
}
