import type { HostFacts } from "../../model/facts/host-facts";
import { isUnknown } from "../../model/unknown";
import { emptyPlan, planBuilder } from "../builder";
import type { Family } from "../families";
import { familyOf } from "../families";
import { enumerate } from "../format";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";
import { kernel } from "./driver-state";

interface Missing {
  what: string;
  packages: (family: Family) => string[];
}

/** What building the modules for these kernels takes, and sriov-manage later on (S01, B04). */
export function installPrerequisites(facts: HostFacts, goal: DriverGoal, kernels: readonly string[]): Plan {
  const missing = [...missingTools(facts, goal), ...kernels.flatMap((version) => missingFor(version, facts))];
  if (!missing.length) return emptyPlan();
  const names = enumerate(missing.map(({ what }) => what));
  const { todo, blocked } = planBuilder(goal.key);
  const family = familyOf(facts.system.os);
  if (goal.arguments.prerequisites === "require") {
    const packages = isUnknown(family) ? [] : missing.flatMap((one) => one.packages(family));
    return blocked(`missing: ${names}`, packages.length ? `Install ${packages.join(" ")}.` : "Install them.");
  }
  if (isUnknown(family)) return unsupportedFamily(goal, family.unknown, `install ${names}`);
  const packages = [...new Set(missing.flatMap((one) => one.packages(family)))];
  if (!packages.length) return emptyPlan();
  const run = ["install_packages", family.packageManager, ...packages];
  return todo(`install ${packages.join(" ")}`, `missing: ${names}`, run, { limitSeconds: 1800 });
}

function missingTools({ system: { tools, libcHeaders } }: HostFacts, { arguments: { dkms } }: DriverGoal): Missing[] {
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
      ? [
          {
            what: `pci-pf-stub of ${version}`,
            packages: (family: Family) => family.packages.pciPfStub?.(version) ?? [],
          },
        ]
      : []),
  ];
}

/** On a distribution that nobody wrote down, what is missing is up to the administrator. */
export const unsupportedFamily = ({ key }: DriverGoal, why: string, task: string): Plan =>
  planBuilder(key).blocked(
    `it is not known how to ${task}: ${why}`,
    'Do it yourself, and set `prerequisites: "require"`.',
  );
