import { migModeFor } from "../model/mig-by-types";

type DriverOption = "reboot" | "rebootTimeout" | "iommu" | "prerequisites" | "dkms";

/** A GPU as a fleet file or a program declares it. */
interface GpuDeclaration {
  gpu: unknown;
  mig?: boolean;
  vgpus?: object;
  named?: object;
  gpuInstances?: object;
  takeOver?: unknown;
}

/** A host as a fleet file or a program declares it. */
interface HostDeclaration extends Partial<Record<DriverOption, unknown>> {
  driver?: object;
  restoreAtBoot?: unknown;
  gpus: Record<string, GpuDeclaration>;
}

/**
 * Returns the arguments of the resources that make up a host, without connection and dependencies. `VgpuHost` creates its
 * resources from them and previews plan from them, so both are about the same. A GPU without vGPUs and GPU instances gets no layout.
 */
export function composeHost<D extends HostDeclaration>(host: D) {
  type Gpu = D["gpus"][string];
  const { driver, reboot, rebootTimeout, iommu, prerequisites, dkms }: D = host;
  const restoreAtBoot = host.restoreAtBoot as D["restoreAtBoot"];
  const gpus = Object.entries(host.gpus) as [string, Gpu][];
  const layout = ({ gpu, vgpus, named, gpuInstances, takeOver }: Gpu) => ({
    gpu: gpu as Gpu["gpu"],
    vgpus: vgpus as Gpu["vgpus"],
    named: named as Gpu["named"],
    gpuInstances: gpuInstances as Gpu["gpuInstances"],
    takeOver: takeOver as Gpu["takeOver"],
    onDelete: "removeUnused" as const,
    restoreAtBoot,
  });
  const inMode = (on: boolean) =>
    gpus.filter(([, one]) => migModeOf(one) === on).map(([, { gpu }]) => gpu as Gpu["gpu"]);
  const [enabled, disabled] = [inMode(true), inMode(false)];
  return {
    driver: driver && {
      ...(driver as NonNullable<D["driver"]>),
      ...({ reboot, rebootTimeout, iommu, prerequisites, dkms } as Pick<D, DriverOption & keyof D>),
    },
    mig:
      enabled.length + disabled.length > 0
        ? { enabled, disabled, ...({ reboot } as Pick<D, "reboot" & keyof D>), restoreAtBoot }
        : undefined,
    sriov: gpus.length > 0 ? { gpus: gpus.map(([, { gpu }]) => gpu as Gpu["gpu"]), restoreAtBoot } : undefined,
    layouts: Object.fromEntries(
      gpus
        .filter(([, { vgpus, named, gpuInstances }]) => vgpus ?? named ?? gpuInstances)
        .map(([key, gpu]) => [key, layout(gpu)]),
    ),
  };
}

/** Returns the declared MIG mode, or the one that GPU instances and types need; undefined: it is not managed. */
function migModeOf({ mig, vgpus = {}, named = {}, gpuInstances = {} }: GpuDeclaration): boolean | undefined {
  if (mig !== undefined) return mig;
  if (Object.keys(gpuInstances).length > 0) return true;
  // In a program, a type may be an output, which decides nothing here.
  const namedTypes = Object.values(named).flatMap((one: { type?: unknown }) =>
    typeof one?.type === "string" ? one.type : [],
  );
  return migModeFor([...Object.keys(vgpus), ...namedTypes]);
}
