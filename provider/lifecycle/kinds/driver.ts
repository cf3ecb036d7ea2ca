import { statSync } from "node:fs";
import { z } from "zod";
import { DriverArguments, desiredVersion, pathOf } from "../../model/desired/driver";
import { parseDriverPackage } from "../../model/driver-package";
import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { forLibvirt, transformedBdf } from "../../model/pci-address";
import { isKnown } from "../../model/unknown";
import type { DriverGoal } from "../../plan";
import { expandHome } from "../../ssh/local-file";
import { packageFile } from "../package-file";
import { isKnownWhole } from "../parse";
import type { PackageFile, ResourceInstance, ResourceKind } from "../resource-kind";
import type { State } from "../state";
import { FoundGpu as FoundGpuSchema } from "./output-schemas";
import type { FoundGpu } from "./outputs";

const driverDevice = "the driver";

const folder = "/var/lib/nvidia-vgpu/packages";

export const driver: ResourceKind<DriverArguments> = {
  name: "VgpuManagerInstall",
  schema: DriverArguments,
  outputs: z.object({
    loadedVersion: z.string().optional().describe("The version that is loaded; absent without a driver."),
    installedVersion: z.string().optional().describe("The version of the modules on disk."),
    kernel: z.string().describe("The running kernel."),
    gpus: z.array(FoundGpuSchema).describe("The GPUs of the host."),
    rebootPending: z.boolean().describe("A change takes effect after a reboot."),
  }),

  // So that each diff compares a drifted version with a declared one.
  withDefaults(given) {
    const hasVersion = given.version !== undefined || given.package === undefined || !isKnownWhole(given.package);
    return hasVersion ? given : { ...given, version: desiredVersion(given as DriverArguments) };
  },

  id: (_, name, host) => `${host}/${name}`,

  async upload({ package: source, sha256 }) {
    return typeof source === "string" ? packageFile(source, onHost(source), sha256) : undefined;
  },

  rebootSeconds: ({ rebootTimeout }) => rebootTimeout,

  goal: (declared, resource, file) => goal("installed", declared, resource, file),

  goalOnDelete: (declared, resource, isNeeded) =>
    declared.onDelete === "uninstall" && !isNeeded(driverDevice) ? goal("absent", declared, resource) : undefined,

  devices: () => [driverDevice],

  observe: (facts, declared) => ({
    arguments: { ...declared, version: facts.driver.loaded ?? undefined },
    outputs: outputs(facts),
  }),

  lookup(facts) {
    const { flavour, loaded } = facts.driver;
    if (flavour !== "vgpu-manager" || loaded === null) return undefined;
    return { arguments: DriverArguments.parse({ version: loaded, prerequisites: "require" }), outputs: outputs(facts) };
  },
};

function goal(
  state: DriverGoal["state"],
  declared: DriverArguments,
  { urn, claim, siblings }: ResourceInstance,
  file?: PackageFile,
): DriverGoal {
  const source = declared.package;
  return {
    kind: "driver",
    key: urn,
    claim,
    siblings: siblings?.(),
    state,
    arguments: { ...declared, sha256: file?.sha256 ?? declared.sha256 },
    packageOnHost: source && (typeof source === "string" ? onHost(source) : pathOf(source)),
    packageBytes: file?.bytes ?? bytesOf(source),
  };
}

/** Returns the size of a local package, also for a refresh, which does not read it but plans for the same disk space. */
function bytesOf(source: DriverArguments["package"]): number | undefined {
  try {
    return typeof source === "string" ? statSync(expandHome(source)).size : undefined;
  } catch {
    return undefined;
  }
}

const onHost = (local: string) => `${folder}/${parseDriverPackage(local).file}`;

const outputs = ({ driver: { loaded, onDisk }, boot, gpus }: HostFacts): State => ({
  loadedVersion: loaded ?? undefined,
  installedVersion: (isKnown(onDisk) && onDisk) || undefined,
  kernel: boot.kernel,
  gpus: gpus.map(toFoundGpu),
  rebootPending: boot.pendingReboot.length > 0,
});

const toFoundGpu = ({ address, deviceId, model, uuid }: Gpu): FoundGpu => ({
  address,
  transformedBdf: transformedBdf(address),
  libvirtName: forLibvirt(address),
  pciId: `10de:${deviceId}`,
  model: model ?? undefined,
  uuid: uuid ?? undefined,
});
