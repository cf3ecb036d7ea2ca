import type { HostFacts } from "../../model/facts/host-facts";
import { idOf, planBuilder } from "../builder";
import { formatGpu } from "../format";
import type { Plan } from "../plan";
import type { ModeChange } from "./mixed-sizes";
import { removalCommand } from "./steps";

/** Plans a change of mixed-size mode, after the last vGPU is removed. */
export function planModeChange(facts: HostFacts, { gpu, on, goals, leaving }: ModeChange): Plan {
  const reason = on
    ? "vGPUs of several framebuffer sizes are declared"
    : "with it on, there is room for fewer vGPUs of this size than are declared";
  return planBuilder(...goals.map(({ key }) => key)).todo(
    `turn mixed-size mode ${on ? "on" : "off"} for ${formatGpu(gpu)}`,
    reason,
    ["set_mixed_sizes", gpu.address, on ? "1" : "0"],
    { device: gpu.address, dependsOn: leaving.map((vgpu) => idOf(removalCommand(facts, vgpu))) },
  );
}
