import type { DriverVersion } from "../../model/driver-version";
import { branchOf } from "../../model/driver-version";
import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { enumerate } from "../format";
import type { DriverGoal } from "../goal";
import type { Plan, Step } from "../plan";
import { findKernel } from "./driver-state";
import { installPrerequisites } from "./prerequisites";

/** Returns `-` if no digest is given. */
export const digestOf = ({ arguments: { sha256 } }: DriverGoal): string => sha256 ?? "-";

interface InstallerRun {
  desired: DriverVersion;
  kernel: string;
  title: string;
  reason: string;
  flags: readonly string[];
  rollback?: readonly Step[];
}

/** Checks that the package exists and has the right digest, before anything is removed. */
export function checkPackage(goal: DriverGoal, reason: string): Plan {
  return planBuilder(goal.key).todo(
    "check the package",
    reason,
    ["check_package", goal.packageOnHost!, digestOf(goal)],
    {
      limitSeconds: 120,
    },
  );
}

/** Runs `run_installer PACKAGE SHA256 VERSION KERNEL FLAG...`, which checks the digest again. */
export function runInstaller(
  goal: DriverGoal,
  { desired, kernel, title, reason, flags, rollback }: InstallerRun,
): Plan {
  // Like -s, but with progress on standard output. All branches support these flags.
  const unattended = ["--ui=none", "--no-questions"];
  const run = ["run_installer", goal.packageOnHost!, digestOf(goal), desired, kernel, ...unattended, ...flags];
  return planBuilder(goal.key).todo(title, reason, run, { limitSeconds: 3600, ...(rollback?.length && { rollback }) });
}

/** Returns the flags for DKMS. The installers up to R510 reject `--no-dkms`, which is their default (B02). */
export function dkmsFlags({ arguments: { dkms } }: DriverGoal, desired: DriverVersion): string[] {
  if (dkms === undefined) return [];
  if (dkms) return ["--dkms"];
  return branchOf(desired) >= 525 ? ["--no-dkms"] : [];
}

/** Returns whether the installer will register with DKMS. From R525 on it does so by default if DKMS is installed. */
export const willUseDkms = (
  { system }: HostFacts,
  { arguments: { dkms } }: DriverGoal,
  desired: DriverVersion,
): boolean => dkms ?? (branchOf(desired) >= 525 && system.tools.dkms !== undefined);

/**
 * Builds the modules of a package in a scratch folder while the old driver still runs, so that a package that does not build removes
 * nothing. Without a driver this is not needed: the installer reports the same error.
 */
export function tryPackage(
  facts: HostFacts,
  goal: DriverGoal,
  desired: DriverVersion,
  kernels: readonly string[],
): Plan {
  const command = [
    "prove_package",
    goal.packageOnHost!,
    digestOf(goal),
    desired,
    moduleKind(facts, desired),
    ...kernels,
  ];
  const reason = "the installed driver is removed only if the new one builds";
  return planBuilder(goal.key).todo(`test-build the modules of ${desired} for ${enumerate(kernels)}`, reason, command, {
    limitSeconds: 3600,
  });
}

/** Returns the kind that the installer chooses (B11): from R550 on, open modules if a GPU is newer than Ampere. */
function moduleKind({ gpus }: HostFacts, desired: DriverVersion): "open" | "proprietary" {
  return branchOf(desired) >= 550 && gpus.some(({ deviceId }) => isAfterAmpere(deviceId)) ? "open" : "proprietary";
}

/** PCI ids of Hopper start with 23; those of Ada and Blackwell are larger than those of Ampere. */
function isAfterAmpere(deviceId: string): boolean {
  const id = parseInt(deviceId, 16);
  return id >= 0x2680 || (id >= 0x2300 && id < 0x2400);
}

/** Returns whether a kernel has the modules of this version. Unknown counts as yes: it is no reason to build them. */
export function hasModules({ boot }: HostFacts, kernelVersion: string, desired: DriverVersion): boolean {
  const found = findKernel(kernelVersion, boot.kernels);
  return !found || !isKnown(found.nvidia) || found.nvidia === desired;
}

/** Builds the modules for another kernel than that of the installation. Otherwise they would be missing after a reboot. */
export function buildModules(
  facts: HostFacts,
  goal: DriverGoal,
  desired: DriverVersion,
  kernelVersion: string,
  byDkms: boolean,
): Plan {
  const { todo, blocked } = planBuilder(goal.key);
  const when = kernelVersion === facts.boot.kernel ? "runs" : "boots next";
  const lacking = findKernel(kernelVersion, facts.boot.kernels)?.headers ? "" : ", and no headers to build them with";
  const reason = `the kernel ${kernelVersion} ${when} and has no modules of ${desired}${lacking}`;
  const title = `build the modules of ${desired} for ${kernelVersion}`;
  const build = byDkms
    ? todo(title, reason, ["build_with_dkms", desired, kernelVersion], { limitSeconds: 3600 })
    : goal.packageOnHost
      ? runInstaller(goal, { desired, kernel: kernelVersion, title, reason, flags: ["-K", "-k", kernelVersion] })
      : blocked(
          reason,
          `Set \`package\` to the package of ${desired}, to build the modules from it, or boot ${facts.boot.kernel} next.`,
        );
  return mergePlans(build.steps.length ? installPrerequisites(facts, goal, [kernelVersion]) : emptyPlan(), build);
}

/** Returns whether DKMS has the sources of this version: it has built them for some kernel. */
export const isRegisteredWithDkms = ({ driver }: HostFacts, desired: DriverVersion) =>
  driver.dkms.some(({ version }) => version === desired);
