import type { DriverVersion } from "../../model/driver-version";
import { branchOf } from "../../model/driver-version";
import type { HostFacts } from "../../model/facts/host-facts";
import { planBuilder } from "../builder";
import type { DriverGoal } from "../goal";
import type { Plan, Step } from "../plan";

/** `-` in place of a digest that was not given. */
export const digestOf = ({ arguments: { sha256 } }: DriverGoal): string => sha256 ?? "-";

interface Run {
  wanted: DriverVersion;
  kernel: string;
  does: string;
  because: string;
  flags: readonly string[];
  rollback?: readonly Step[];
}

/** Before anything is taken away for a package that is not there, or not the one that was meant. */
export function checkPackage(goal: DriverGoal, because: string): Plan {
  return planBuilder(goal.key).todo(
    "check the package",
    because,
    ["check_package", goal.packageOnHost!, digestOf(goal)],
    {
      limitSeconds: 120,
    },
  );
}

/** `run_installer PACKAGE SHA256 VERSION KERNEL FLAG...`; the digest is checked once more. */
export function runInstaller(goal: DriverGoal, { wanted, kernel, does, because, flags, rollback }: Run): Plan {
  // As -s, but with its progress on standard output. Every branch knows these.
  const unattended = ["--ui=none", "--no-questions"];
  const run = ["run_installer", goal.packageOnHost!, digestOf(goal), wanted, kernel, ...unattended, ...flags];
  return planBuilder(goal.key).todo(does, because, run, { limitSeconds: 3600, ...(rollback?.length && { rollback }) });
}

/** An unknown flag is an error, and `--no-dkms` is one up to R510, where it is the default (B02). */
export function dkmsFlags({ arguments: { dkms } }: DriverGoal, wanted: DriverVersion): string[] {
  if (dkms === undefined) return [];
  if (dkms) return ["--dkms"];
  return branchOf(wanted) >= 525 ? ["--no-dkms"] : [];
}

/** From R525 on the installer registers with DKMS by itself where there is one. */
export const willUseDkms = (
  { system }: HostFacts,
  { arguments: { dkms } }: DriverGoal,
  wanted: DriverVersion,
): boolean => dkms ?? (branchOf(wanted) >= 525 && system.tools.dkms !== undefined);
