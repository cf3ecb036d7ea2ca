import type { DriverVersion } from "../../model/driver-version";
import { branchOf } from "../../model/driver-version";
import type { HostFacts } from "../../model/facts/host-facts";
import { planBuilder } from "../builder";
import { enumerate } from "../format";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";
import { digestOf } from "./installer";

/**
 * Builds the modules of a package in a scratch folder while the old driver still runs, so that one that does not build takes nothing
 * away. Where there is no driver there is nothing to lose, and the installer shows it just as well.
 */
export function provePackage(
  facts: HostFacts,
  goal: DriverGoal,
  wanted: DriverVersion,
  kernels: readonly string[],
): Plan {
  const run = ["prove_package", goal.packageOnHost!, digestOf(goal), wanted, moduleKind(facts, wanted), ...kernels];
  const because = "the driver that is there is taken away only for one that builds";
  return planBuilder(goal.key).todo(`build the modules of ${wanted} for ${enumerate(kernels)} on trial`, because, run, {
    limitSeconds: 3600,
  });
}

/** As the installer of a vGPU host package chooses (B11): from R550 on, the open ones where a GPU is newer than Ampere. */
function moduleKind({ gpus }: HostFacts, wanted: DriverVersion): "open" | "proprietary" {
  return branchOf(wanted) >= 550 && gpus.some(({ deviceId }) => isAfterAmpere(deviceId)) ? "open" : "proprietary";
}

/** PCI ids of Hopper begin with 23; those of Ada and Blackwell are larger than Ampere's. */
function isAfterAmpere(deviceId: string): boolean {
  const id = parseInt(deviceId, 16);
  return id >= 0x2680 || (id >= 0x2300 && id < 0x2400);
}
