import type { DriverVersion } from "../../model/driver-version";
import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown, isUnknown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";
import { isLoaded, serviceOf } from "./driver-state";

/** Plans what makes an installed driver work now: its modules and services. */
export function planRunningDriver(facts: HostFacts, goal: DriverGoal, desired: DriverVersion): Plan {
  return mergePlans(planLoadedModules(facts, goal), planServices(facts, goal, desired));
}

function planLoadedModules(facts: HostFacts, { key }: DriverGoal): Plan {
  if (facts.driver.loaded && isLoaded(facts, "nvidia_vgpu_vfio")) return emptyPlan();
  const missing = facts.driver.loaded ? "nvidia_vgpu_vfio is not loaded" : "no NVIDIA module is loaded";
  return planBuilder(key).todo("load nvidia-vgpu-vfio", missing, ["load_module", "nvidia-vgpu-vfio"]);
}

/** Plans the services. nvidia-vgpud is judged by its result: inactive is its healthy state (B18). */
function planServices(facts: HostFacts, goal: DriverGoal, desired: DriverVersion): Plan {
  const { todo } = planBuilder(goal.key);
  const manager = serviceOf(facts, "nvidia-vgpu-mgr");
  const types = vgpudReason(facts);
  return mergePlans(
    types ? todo("run nvidia-vgpud again", types, ["start_service", "nvidia-vgpud"]) : emptyPlan(),
    manager && manager.active !== "active"
      ? todo("start nvidia-vgpu-mgr", `nvidia-vgpu-mgr is ${[...new Set([manager.active, manager.sub])].join(", ")}`, [
          "start_service",
          "nvidia-vgpu-mgr",
        ])
      : emptyPlan(),
    manager?.enabled === "disabled"
      ? todo("enable nvidia-vgpu-mgr", "nvidia-vgpu-mgr is disabled and would not start at the next boot", [
          "enable_service",
          "nvidia-vgpu-mgr",
        ])
      : emptyPlan(),
    facts.driver.loaded === desired ? nvidiaSmiBlockers(facts, goal) : emptyPlan(),
  );
}

/** Returns why nvidia-vgpud has to run: the types that it published are lost with the modules (B100). */
function vgpudReason(facts: HostFacts): string | null {
  const types = serviceOf(facts, "nvidia-vgpud");
  if (!types || refusedGpus(facts).length) return null;
  if (types.active === "failed") return `nvidia-vgpud failed: ${types.result}, status ${types.exitStatus}`;
  return facts.driver.loaded === null && types.active !== "active"
    ? "after the modules are loaded again, there are no vGPU types until it has run"
    : null;
}

/** No step repairs this: a lost GPU comes back with a reboot at best. */
function nvidiaSmiBlockers({ driver: { nvidiaSmi }, gpus }: HostFacts, { key }: DriverGoal): Plan {
  const { blocked } = planBuilder(key);
  const hint = "Search dmesg for NVRM; if a GPU was lost, a reboot may help.";
  if (nvidiaSmi && nvidiaSmi.exitCode !== 0)
    return blocked(`nvidia-smi failed with exit code ${nvidiaSmi.exitCode}: ${nvidiaSmi.firstLine}`, hint);
  const missing = gpus.filter(
    ({ driver, hostVgpuMode }) => nvidiaSmi && driver === "nvidia" && isUnknown(hostVgpuMode),
  );
  return mergePlans(
    ...missing.map(({ address: device }) => blocked(`nvidia-smi does not list ${device}`, hint, { device })),
  );
}

/** Returns the GPUs that nvidia-vgpud refuses. It then fails, which is final, but the other GPUs work (B19). */
const refusedGpus = ({ gpus }: HostFacts) => gpus.filter(({ refused: words }) => isKnown(words) && words);

export function gpuNotes(facts: HostFacts, { key }: DriverGoal): Plan {
  const { noted } = planBuilder(key);
  return mergePlans(
    ...refusedGpus(facts).map(({ address: device, refused: words }) =>
      noted(`nvidia-vgpud refuses ${device}: ${words as string}`, { device }),
    ),
    ...facts.gpus
      .filter(({ driver }) => driver === "vfio-pci")
      .map(({ address: device }) => noted(`${device} is bound to vfio-pci; the driver does not use it.`, { device })),
  );
}
