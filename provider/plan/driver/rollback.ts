import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Vgpu } from "../../model/facts/vgpu";
import { isKnown } from "../../model/unknown";
import { step } from "../builder";
import { formatGpu } from "../format";
import type { DriverGoal } from "../goal";
import type { Step } from "../plan";
import { formatType, formatVgpu, normalizeParameters } from "../vgpu/vgpu";
import { isOnDiskOnly, nvidiaModules, serviceOf } from "./driver-state";
import { hasVfsEnabled } from "./unload";

/**
 * Restores what `unloadDriver` removes: modules, services, VFs and vGPUs as they are now, in the only order that works (B100).
 * `testBuild` is the last step before the first that removes something. If an earlier run was interrupted after it had unloaded the
 * driver, the driver is restored, with the VFs and vGPUs that the run left.
 */
export function rollbackSteps(facts: HostFacts, goal: DriverGoal, reason: string, testBuild: Step): Step[] {
  const { driver, gpus, vgpus } = facts;
  const version = (isKnown(driver.onDisk) && driver.onDisk) || driver.loaded;
  const isUnloaded = isOnDiskOnly(facts);
  if (version === null || (driver.loaded === null && !isUnloaded)) return [];
  const restoreStep = (title: string, command: string[], after: readonly Step[], more: Partial<Step> = {}) =>
    step({ title, reason, command, requestedBy: [goal.key], ...more, dependsOn: after.map(({ id }) => id) });

  const modules = isUnloaded
    ? ["nvidia-vgpu-vfio"]
    : nvidiaModules(facts)
        .map(({ name }) => name)
        .filter((name) => name.startsWith("nvidia"));
  const loaded = restoreStep(`load the driver ${version} again`, ["restore_driver", version, ...modules], [testBuild], {
    limitSeconds: 3600,
  });
  const services: Step[] = [];
  for (const name of servicesToRestart(facts)) {
    services.push(restoreStep(`start ${name} again`, ["start_service", name], [services.at(-1) ?? loaded]));
  }
  const running = services.at(-1) ?? loaded;
  const enabled = new Map(
    gpus
      .filter(hasVfsEnabled)
      .map((gpu) => [
        gpu.address as string,
        restoreStep(...enableVfs(gpu), [running], { device: gpu.address, limitSeconds: 300 }),
      ]),
  );
  const restored = vgpus.map((vgpu) =>
    restoreStep(...restoreVgpu(vgpu), [enabled.get(vgpu.gpu) ?? running], vgpuStepOptions(vgpu)),
  );
  return [loaded, ...services, ...enabled.values(), ...restored];
}

/** nvidia-vgpud is inactive when it is healthy (B18), and has to run again after modules are loaded again. */
function servicesToRestart(facts: HostFacts): string[] {
  const manager = serviceOf(facts, "nvidia-vgpu-mgr");
  const types = serviceOf(facts, "nvidia-vgpud");
  const hasRun = manager?.active === "active" || (manager && isOnDiskOnly(facts));
  return [...(hasRun ? ["nvidia-vgpu-mgr"] : []), ...(types && types.active !== "failed" ? ["nvidia-vgpud"] : [])];
}

/** sriov-manage always enables all VFs, even if fewer were enabled. */
const enableVfs = (gpu: Gpu): [string, string[]] => [
  `enable the ${gpu.sriov!.total} virtual functions of ${formatGpu(gpu)} again`,
  ["enable_vfs", gpu.address, String(gpu.sriov!.total)],
];

function restoreVgpu(vgpu: Vgpu): [string, string[]] {
  const { uuid, function: at, type } = vgpu;
  const parameters = normalizeParameters(vgpu.parameters);
  const words = [at, String(type.id), ...(parameters ? [parameters] : [])];
  return [
    `create ${formatVgpu(vgpu)} again`,
    uuid === null ? ["restore_type", ...words] : ["restore_mdev", uuid, ...words],
  ];
}

const vgpuStepOptions = ({ uuid, function: at, type, gpu }: Vgpu): Partial<Step> => ({
  device: uuid ?? at,
  vgpu: { type: formatType(type), gpu },
  limitSeconds: 120,
});
