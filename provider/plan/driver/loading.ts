import type { HostFacts } from "../../model/facts/host-facts";
import { emptyPlan, planBuilder } from "../builder";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";

/** Written while modules are unloaded (block_modules in apply/host); of no effect once the run is over that wrote it. */
const block = "/run/modprobe.d/00-nvidia-vgpu.conf";

/** Takes away what a change of the driver left that was killed. */
export function allowLoading({ driver }: HostFacts, { key }: DriverGoal): Plan {
  if (!driver.modprobe.some(({ file }) => file === block)) return emptyPlan();
  return planBuilder(key).todo("let the NVIDIA modules be loaded again", `a run that was ended halfway left ${block}`, [
    "allow_modules",
  ]);
}
