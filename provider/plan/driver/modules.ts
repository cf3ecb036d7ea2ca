import type { DriverVersion } from "../../model/driver-version";
import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";
import { kernel } from "./driver-state";
import { runInstaller } from "./installer";
import { installPrerequisites } from "./prerequisites";

/** Does a kernel have the modules of this version? Not knowing is not a reason to build them. */
export function hasModules({ boot }: HostFacts, version: string, wanted: DriverVersion): boolean {
  const found = kernel(version, boot.kernels);
  return !found || !isKnown(found.nvidia) || found.nvidia === wanted;
}

/** Modules for a kernel beside the one that the driver was installed on. Missing ones are found out at the reboot otherwise. */
export function buildModules(
  facts: HostFacts,
  goal: DriverGoal,
  wanted: DriverVersion,
  version: string,
  byDkms: boolean,
): Plan {
  const { todo, blocked } = planBuilder(goal.key);
  const when = version === facts.boot.kernel ? "runs" : "boots next";
  const lacking = kernel(version, facts.boot.kernels)?.headers ? "" : ", and no headers to build them with";
  const because = `the kernel ${version} ${when} and has no modules of ${wanted}${lacking}`;
  const does = `build the modules of ${wanted} for ${version}`;
  const build = byDkms
    ? todo(does, because, ["build_with_dkms", wanted, version], { limitSeconds: 3600 })
    : goal.packageOnHost
      ? runInstaller(goal, { wanted, kernel: version, does, because, flags: ["-K", "-k", version] })
      : blocked(
          because,
          `Give the resource the package of ${wanted}, which they can be built from, or boot ${facts.boot.kernel} next.`,
        );
  return mergePlans(build.steps.length ? installPrerequisites(facts, goal, [version]) : emptyPlan(), build);
}

/** DKMS knows the sources of this version: it has built them for some kernel. */
export const isWithDkms = ({ driver }: HostFacts, wanted: DriverVersion) =>
  driver.dkms.some(({ version }) => version === wanted);
