import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { isUnknown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { formatGpu } from "../format";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";
import { formatType, formatVgpu } from "../vgpu/vgpu";
import { nvidiaModules, serviceOf } from "./driver-state";
import { useBlockers } from "./in-use";

/**
 * Unloads the driver in the only order that works (B99): vGPUs, VFs, services, modules. If the driver is only changed, records stay,
 * so that the owners of the vGPUs create them again.
 */
export function unloadDriver(facts: HostFacts, goal: DriverGoal, reason: string): Plan {
  return mergePlans(
    useBlockers(facts, goal),
    removeVgpus(facts, goal, reason),
    disableVfs(facts, goal, reason),
    unloadModules(facts, goal, reason),
  );
}

function removeVgpus({ vgpus }: HostFacts, goal: DriverGoal, reason: string): Plan {
  const { todo } = planBuilder(goal.key);
  return mergePlans(
    ...vgpus.map((vgpu) => {
      const { uuid, function: device, type, gpu } = vgpu;
      const command =
        uuid === null
          ? ["clear_type", device, String(vgpu.type.id)]
          : [goal.state === "absent" ? "remove_mdev" : "suspend_mdev", uuid];
      return todo(`remove ${formatVgpu(vgpu)}`, reason, command, {
        device: uuid ?? device,
        vgpu: { type: formatType(type), gpu },
        destructive: true,
      });
    }),
  );
}

function disableVfs({ gpus }: HostFacts, { key }: DriverGoal, reason: string): Plan {
  const { todo } = planBuilder(key);
  return mergePlans(
    ...gpus.filter(hasVfsEnabled).map((gpu) => {
      const { address: device, sriov } = gpu;
      const title = `disable the ${sriov!.enabled} virtual functions of ${formatGpu(gpu)}`;
      return todo(title, reason, ["disable_vfs", device], { device, destructive: true, limitSeconds: 300 });
    }),
  );
}

export const hasVfsEnabled = ({ sriov, driver }: Gpu): boolean => Boolean(sriov?.enabled) && driver !== "vfio-pci";

/** Returns the active services of the driver, in the order in which they are stopped. */
const activeServices = (facts: HostFacts): string[] =>
  ["nvidia-vgpu-mgr", "nvidia-vgpud"].filter((name) => serviceOf(facts, name)?.active === "active");

function unloadModules(facts: HostFacts, { key }: DriverGoal, reason: string): Plan {
  const { todo, blocked } = planBuilder(key);
  const modules = nvidiaModules(facts);
  if (modules.some(({ references }) => isUnknown(references)))
    return blocked("this kernel cannot unload modules", "Uninstall the installed driver, and reboot.");
  return mergePlans(
    ...activeServices(facts).map((name) => todo(`stop ${name}`, reason, ["stop_service", name])),
    modules.length
      ? todo("unload the NVIDIA modules", reason, ["unload_modules"], { destructive: true, limitSeconds: 120 })
      : emptyPlan(),
  );
}

/** Exists while modules are unloaded (block_modules in apply/host). A run that is over must not leave it. */
const moduleBlockFile = "/run/modprobe.d/00-nvidia-vgpu.conf";

/** Removes the block that an interrupted change of the driver left. */
export function allowModules({ driver }: HostFacts, { key }: DriverGoal): Plan {
  if (!driver.modprobe.some(({ file }) => file === moduleBlockFile)) return emptyPlan();
  return planBuilder(key).todo(
    "allow the NVIDIA modules to be loaded again",
    `an interrupted run left ${moduleBlockFile}`,
    ["allow_modules"],
  );
}
