import type { HostFacts } from "../../model/facts/host-facts";
import { isUnknown } from "../../model/unknown";
import type { DriverDesire } from "../desire";
import { familyOf, type Family } from "../families";
import { enumerate } from "../in-words";
import { nothing, type Plan } from "../plan";
import { sayFor } from "./saying";
import { kernel } from "./seen";

interface Missing {
  what: string;
  packages: (family: Family) => string[];
}

/** What building the modules for these kernels takes, and sriov-manage later on (S01, B04). */
export function bringPrerequisites(facts: HostFacts, desire: DriverDesire, kernels: readonly string[]): Plan {
  const missing = [...missingTools(facts, desire), ...kernels.flatMap((version) => missingFor(version, facts))];
  if (!missing.length) return nothing();
  const names = enumerate(missing.map(({ what }) => what));
  const { todo, blocked } = sayFor(desire.key);
  const family = familyOf(facts.system.os);
  if (desire.arguments.prerequisites === "require") {
    const packages = isUnknown(family) ? [] : missing.flatMap((one) => one.packages(family));
    return blocked(`missing: ${names}`, packages.length ? `Install ${packages.join(" ")}.` : "Install them.");
  }
  if (isUnknown(family)) return blockedByFamily(desire, family.unknown, `install ${names}`);
  const packages = [...new Set(missing.flatMap((one) => one.packages(family)))];
  if (!packages.length) return nothing();
  const run = ["install_packages", family.packageManager, ...packages];
  return todo(`install ${packages.join(" ")}`, `missing: ${names}`, run, { limitSeconds: 1800 });
}

function missingTools({ system: { tools, libcHeaders } }: HostFacts, { arguments: { dkms } }: DriverDesire): Missing[] {
  const needed: [boolean, Missing][] = [
    [!tools.cc || !tools.ld, { what: "a C compiler", packages: ({ packages }) => packages.compiler }],
    [!tools.make, { what: "make", packages: ({ packages }) => packages.make }],
    [!libcHeaders, { what: "headers of the C library", packages: ({ packages }) => packages.libcHeaders }],
    [!tools.lspci, { what: "lspci", packages: ({ packages }) => packages.pciutils }],
    [dkms === true && !tools.dkms, { what: "DKMS", packages: ({ packages }) => packages.dkms }],
  ];
  return needed.flatMap(([isMissing, one]) => (isMissing ? [one] : []));
}

function missingFor(version: string, { boot }: HostFacts): Missing[] {
  const found = kernel(version, boot.kernels);
  return [
    ...(found?.headers
      ? []
      : [{ what: `headers of the kernel ${version}`, packages: (family: Family) => family.packages.headers(version) }]),
    ...(found?.pciPfStub === false
      ? [{ what: `pci-pf-stub of ${version}`, packages: (family: Family) => family.packages.pciPfStub?.(version) ?? [] }]
      : []),
  ];
}

/** On a distribution that nobody wrote down, what is missing is up to the administrator. */
export const blockedByFamily = ({ key }: DriverDesire, why: string, task: string): Plan =>
  sayFor(key).blocked(`it is not known how to ${task}: ${why}`, 'Do it yourself, and set `prerequisites: "require"`.');
