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

/** `-` in place of a digest that was not given. */
export const digestOf = ({ arguments: { sha256 } }: DriverGoal): string => sha256 ?? "-";

interface InstallerRun {
  desired: DriverVersion;
  kernel: string;
  title: string;
  reason: string;
  flags: readonly string[];
  rollback?: readonly Step[];
}

/** Before anything is taken away for a package that is not there, or not the one that was meant. */
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

/** `run_installer PACKAGE SHA256 VERSION KERNEL FLAG...`; the digest is checked once more. */
export function runInstaller(
  goal: DriverGoal,
  { desired, kernel, title, reason, flags, rollback }: InstallerRun,
): Plan {
  // As -s, but with its progress on standard output. Every branch knows these.
  const unattended = ["--ui=none", "--no-questions"];
  const run = ["run_installer", goal.packageOnHost!, digestOf(goal), desired, kernel, ...unattended, ...flags];
  return planBuilder(goal.key).todo(title, reason, run, { limitSeconds: 3600, ...(rollback?.length && { rollback }) });
}

/** An unknown flag is an error, and `--no-dkms` is one up to R510, where it is the default (B02). */
export function dkmsFlags({ arguments: { dkms } }: DriverGoal, desired: DriverVersion): string[] {
  if (dkms === undefined) return [];
  if (dkms) return ["--dkms"];
  return branchOf(desired) >= 525 ? ["--no-dkms"] : [];
}

/** From R525 on the installer registers with DKMS by itself where there is one. */
export const willUseDkms = (
  { system }: HostFacts,
  { arguments: { dkms } }: DriverGoal,
  desired: DriverVersion,
): boolean => dkms ?? (branchOf(desired) >= 525 && system.tools.dkms !== undefined);

/**
 * Builds the modules of a package in a scratch folder while the old driver still runs, so that one that does not build takes nothing
 * away. Where there is no driver there is nothing to lose, and the installer shows it just as well.
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

/** As the installer of a vGPU host package chooses (B11): from R550 on, the open ones where a GPU is newer than Ampere. */
function moduleKind({ gpus }: HostFacts, desired: DriverVersion): "open" | "proprietary" {
  return branchOf(desired) >= 550 && gpus.some(({ deviceId }) => isAfterAmpere(deviceId)) ? "open" : "proprietary";
}

/** PCI ids of Hopper begin with 23; those of Ada and Blackwell are larger than Ampere's. */
function isAfterAmpere(deviceId: string): boolean {
  const id = parseInt(deviceId, 16);
  return id >= 0x2680 || (id >= 0x2300 && id < 0x2400);
}

/** Does a kernel have the modules of this version? Not knowing is not a reason to build them. */
export function hasModules({ boot }: HostFacts, kernelVersion: string, desired: DriverVersion): boolean {
  const found = findKernel(kernelVersion, boot.kernels);
  return !found || !isKnown(found.nvidia) || found.nvidia === desired;
}

/** Modules for a kernel beside the one that the driver was installed on. Missing ones are found out at the reboot otherwise. */
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

/** DKMS knows the sources of this version: it has built them for some kernel. */
export const isRegisteredWithDkms = ({ driver }: HostFacts, desired: DriverVersion) =>
  driver.dkms.some(({ version }) => version === desired);
