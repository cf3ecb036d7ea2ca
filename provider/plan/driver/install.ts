import type { DriverVersion } from "../../model/driver-version";
import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown, isUnknown } from "../../model/unknown";
import type { DriverDesire } from "../desire";
import { familyOf } from "../families";
import { nothing, type Plan } from "../plan";
import { checkPackage, dkmsFlags, runInstaller, willUseDkms } from "./installer";
import { turnIommuOn } from "./iommu";
import { buildModules } from "./modules";
import { blacklistNouveau } from "./nouveau";
import { obstaclesTo } from "./obstacles";
import { bringPrerequisites } from "./prerequisites";
import { provePackage } from "./prove";
import { blockedByGuests, reboot } from "./reboot";
import { rollback } from "./rollback";
import { blockedByEarlierReboot } from "./rebooted";
import { sayFor, together } from "./saying";
import { isLoaded, isOnDiskOnly } from "./seen";
import { takeAway } from "./take-away";

/**
 * S01 to S03 of the documented way: compiler and headers, nouveau off, IOMMU on, the installer, a reboot. What runs is taken away only
 * for a package that builds, and brought back when it is not installed all the same.
 */
export function installDriver(facts: HostFacts, desire: DriverDesire, wanted: DriverVersion, because: string): Plan {
  const { boot, driver } = facts;
  if (!desire.packageOnHost)
    return sayFor(desire.key).blocked(because, `Give the resource the package of ${wanted}, or install it by other means.`);
  const next = isKnown(boot.next.kernel) ? boot.next.kernel : boot.kernel;
  // A GPU that nouveau has is given back by a reboot only, so the installer then meets the kernel that boots next.
  const rebootsFirst = driver.nouveau.loaded;
  const onKernel = rebootsFirst ? next : boot.kernel;
  const blacklist = blacklistNouveau(facts, desire);
  const iommu = turnIommuOn(facts, desire);
  const away = driver.flavour === "none" ? nothing() : takeAway(facts, desire, because);
  // A version that a run unloaded before it was ended can be loaded again, but not the wanted one itself that lacks parts.
  const hasDriver = driver.loaded !== null || (isOnDiskOnly(facts) && driver.onDisk !== wanted);
  const proof = hasDriver ? provePackage(facts, desire, wanted, [...new Set([onKernel, next])]) : nothing();
  const takesReboot = `installing vGPU Manager ${wanted} takes a reboot`;
  return together(
    obstaclesTo(facts, desire, wanted, onKernel),
    blockedByGuests(facts, desire),
    checkPackage(desire, because),
    bringPrerequisites(facts, desire, [...new Set([onKernel, next])]),
    blacklist,
    rebootsFirst && !blacklist.steps.length ? blockedByEarlierReboot(facts, desire, ["nouveau is loaded"]) : nothing(),
    iommu,
    rebootsFirst ? reboot(desire, ["nouveau is loaded", ...iommu.rebootBecause]) : nothing(),
    proof,
    away,
    loadFirst(facts, desire),
    runInstaller(desire, {
      wanted,
      kernel: onKernel,
      does: `install vGPU Manager ${wanted}`,
      because,
      flags: dkmsFlags(desire, wanted),
      rollback: proof.steps.flatMap((step) => rollback(facts, desire, `${wanted} could not be installed`, step)),
    }),
    markReboot(desire, wanted, takesReboot),
    onKernel === next ? nothing() : buildModules(facts, desire, wanted, next, willUseDkms(facts, desire, wanted)),
    reboot(desire, [takesReboot, ...(rebootsFirst ? [] : iommu.rebootBecause)]),
  );
}

/** The reboot is part of every documented way (S03); a file that it takes away keeps it from being forgotten. */
const markReboot = ({ key }: DriverDesire, wanted: DriverVersion, because: string) =>
  sayFor(key).todo("note that the host has to be rebooted", because, ["mark_reboot", `vGPU Manager ${wanted} was installed`]);

function loadFirst(facts: HostFacts, { key }: DriverDesire): Plan {
  const family = familyOf(facts.system.os);
  if (isUnknown(family)) return nothing();
  const missing = family.loadFirst.filter((module) => !isLoaded(facts, module));
  return together(
    ...missing.map((module) =>
      sayFor(key).todo(`load ${module}`, `the modules of the vGPU Manager need ${module}`, ["load_module", module]),
    ),
  );
}
