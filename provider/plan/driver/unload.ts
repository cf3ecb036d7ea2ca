import type { Gpu } from "../../model/facts/gpu";
import type { HostFacts } from "../../model/facts/host-facts";
import { isUnknown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { formatGpu } from "../format";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";
import { formatType, formatVgpu } from "../vgpu/vgpu";
import { nvidiaModules, serviceOf } from "./driver-state";
import { blockedByUse } from "./in-use";

/**
 * Takes what is loaded out of the kernel, in the only order that works (B99): vGPUs, VFs, services, modules. Records stay with a
 * driver that is changed: who made a vGPU makes it again.
 */
export function unloadDriver(facts: HostFacts, goal: DriverGoal, because: string): Plan {
  return mergePlans(
    blockedByUse(facts, goal),
    vgpusOff(facts, goal, because),
    vfsOff(facts, goal, because),
    unload(facts, goal, because),
  );
}

function vgpusOff({ vgpus }: HostFacts, goal: DriverGoal, because: string): Plan {
  const { todo } = planBuilder(goal.key);
  return mergePlans(
    ...vgpus.map((vgpu) => {
      const { uuid, function: device, type, gpu } = vgpu;
      const run =
        uuid === null
          ? ["clear_type", device, String(vgpu.type.id)]
          : [goal.state === "absent" ? "remove_mdev" : "suspend_mdev", uuid];
      return todo(`remove ${formatVgpu(vgpu)}`, because, run, {
        device: uuid ?? device,
        vgpu: { type: formatType(type), gpu },
        destructive: true,
      });
    }),
  );
}

function vfsOff({ gpus }: HostFacts, { key }: DriverGoal, because: string): Plan {
  const { todo } = planBuilder(key);
  return mergePlans(
    ...gpus.filter(hasFunctionsOn).map((gpu) => {
      const { address: device, sriov } = gpu;
      const does = `disable the ${sriov!.enabled} virtual functions of ${formatGpu(gpu)}`;
      return todo(does, because, ["disable_vfs", device], { device, destructive: true, limitSeconds: 300 });
    }),
  );
}

export const hasFunctionsOn = ({ sriov, driver }: Gpu): boolean => Boolean(sriov?.enabled) && driver !== "vfio-pci";

/** The services of the driver that are active, in the order in which they are stopped. */
const activeServices = (facts: HostFacts): string[] =>
  ["nvidia-vgpu-mgr", "nvidia-vgpud"].filter((name) => serviceOf(facts, name)?.active === "active");

function unload(facts: HostFacts, { key }: DriverGoal, because: string): Plan {
  const { todo, blocked } = planBuilder(key);
  const modules = nvidiaModules(facts);
  if (modules.some(({ references }) => isUnknown(references)))
    return blocked("this kernel cannot unload modules", "Uninstall the driver that is there, and reboot.");
  return mergePlans(
    ...activeServices(facts).map((name) => todo(`stop ${name}`, because, ["stop_service", name])),
    modules.length
      ? todo("unload the NVIDIA modules", because, ["unload_modules"], { destructive: true, limitSeconds: 120 })
      : emptyPlan(),
  );
}
