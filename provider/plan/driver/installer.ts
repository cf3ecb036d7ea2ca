import { branchOf, type DriverVersion } from "../../model/driver-version";
import type { HostFacts } from "../../model/facts/host-facts";
import type { DriverDesire } from "../desire";
import type { Plan } from "../plan";
import { sayFor } from "./saying";

/** In place of a digest that was not given. */
const unchecked = "-";

interface Run {
  wanted: DriverVersion;
  kernel: string;
  does: string;
  because: string;
  flags: readonly string[];
}

/** Before anything is taken away for a package that is not there, or not the one that was meant. */
export function checkPackage({ key, packageOnHost, arguments: { sha256 } }: DriverDesire, because: string): Plan {
  return sayFor(key).todo("check the package", because, ["check_package", packageOnHost!, sha256 ?? unchecked], {
    limitSeconds: 120,
  });
}

/** `run_installer PACKAGE SHA256 VERSION KERNEL FLAG...`; the digest is checked once more. */
export function runInstaller(
  { key, packageOnHost, arguments: { sha256 } }: DriverDesire,
  { wanted, kernel, does, because, flags }: Run,
): Plan {
  // As -s, but with its progress on standard output. Every branch knows these.
  const unattended = ["--ui=none", "--no-questions"];
  const run = ["run_installer", packageOnHost!, sha256 ?? unchecked, wanted, kernel, ...unattended, ...flags];
  return sayFor(key).todo(does, because, run, { limitSeconds: 3600 });
}

/** An unknown flag is an error, and `--no-dkms` is one up to R510, where it is the default (B02). */
export function dkmsFlags({ arguments: { dkms } }: DriverDesire, wanted: DriverVersion): string[] {
  if (dkms === undefined) return [];
  if (dkms) return ["--dkms"];
  return branchOf(wanted) >= 525 ? ["--no-dkms"] : [];
}

/** From R525 on the installer registers with DKMS by itself where there is one. */
export const willUseDkms = ({ system }: HostFacts, { arguments: { dkms } }: DriverDesire, wanted: DriverVersion): boolean =>
  dkms ?? (branchOf(wanted) >= 525 && system.tools.dkms !== undefined);
