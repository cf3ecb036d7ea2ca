import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown } from "../../model/unknown";
import { planBuilder } from "../builder";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";

/**
 * Returns whether a container loaded the driver, as NVIDIA's GPU operator does: the kernel has it, and the host has neither its modules
 * nor its tools, services or packages.
 */
export function isFromContainer({ driver, boot }: HostFacts): boolean {
  const running = boot.kernels.find(({ version }) => version === boot.kernel);
  return (
    driver.loaded !== null &&
    running !== undefined &&
    running.nvidia === null &&
    driver.onDisk === null &&
    driver.packaging === null &&
    driver.dkms.length === 0 &&
    !driver.sriovManage &&
    !(isKnown(driver.services) && driver.services.some(({ name, present }) => present && /^nvidia-vgpu/.test(name)))
  );
}

/** Plans nothing: the container decides which driver is loaded. */
export function planForContainer({ driver }: HostFacts, goal: DriverGoal): Plan {
  const { blocked, noted } = planBuilder(goal.key);
  const what = driver.flavour === "vgpu-manager" ? "the vGPU Manager" : "NVIDIA's data-centre driver";
  const found = `${what} ${driver.loaded} is loaded, and nothing of it is installed on the host: a container loaded it`;
  if (goal.state === "absent") return noted(`The driver stays: ${found}.`);
  return blocked(
    found,
    driver.flavour === "vgpu-manager"
      ? "Leave `driver` out for this host: the container that loads the driver also updates it."
      : "Let the container load the vGPU Manager, and leave `driver` out for this host.",
  );
}
