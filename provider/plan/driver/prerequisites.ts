import type { InstalledKernel } from "../../model/facts/boot";
import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown, isUnknown } from "../../model/unknown";
import { emptyPlan, planBuilder } from "../builder";
import type { Family } from "../families";
import { familyOf } from "../families";
import { enumerate } from "../format";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";
import { findKernel } from "./driver-state";

interface Missing {
  name: string;
  packages: (family: Family) => string[];
}

/** Installs what building modules for these kernels and running sriov-manage require (B04). */
export function installPrerequisites(facts: HostFacts, goal: DriverGoal, kernels: readonly string[]): Plan {
  const missing = [...missingTools(facts, goal), ...kernels.flatMap((version) => missingForKernel(version, facts))];
  if (!missing.length) return emptyPlan();
  const names = enumerate(missing.map(({ name }) => name));
  const { todo, blocked } = planBuilder(goal.key);
  const own = kernels.find((version) => isOwnBuild(version, facts));
  if (own)
    return blocked(
      `headers of the kernel ${own} are missing, and no package has them: the kernel itself belongs to none`,
      `Install its headers as /lib/modules/${own}/build, or boot a kernel of the distribution.`,
    );
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
    [!tools.cc || !tools.ld, { name: "a C compiler", packages: ({ packages }) => packages.compiler }],
    [!tools.make, { name: "make", packages: ({ packages }) => packages.make }],
    [!libcHeaders, { name: "headers of the C library", packages: ({ packages }) => packages.libcHeaders }],
    [!tools.lspci, { name: "lspci", packages: ({ packages }) => packages.pciutils }],
    [dkms === true && !tools.dkms, { name: "DKMS", packages: ({ packages }) => packages.dkms }],
  ];
  return needed.flatMap(([isMissing, one]) => (isMissing ? [one] : []));
}

/** Returns whether headers are missing that no repository has: the kernel was compiled by hand. */
function isOwnBuild(version: string, { boot }: HostFacts): boolean {
  const found = findKernel(version, boot.kernels);
  return found?.headers === false && found.package === null;
}

function missingForKernel(kernelVersion: string, { boot }: HostFacts): Missing[] {
  const found = findKernel(kernelVersion, boot.kernels);
  return [
    ...(found?.headers
      ? []
      : [
          {
            name: `headers of the kernel ${kernelVersion}`,
            packages: (family: Family) => family.packages.headers(kernelVersion, ownerOf(found)),
          },
        ]),
    ...(found?.pciPfStub === false
      ? [
          {
            name: `pci-pf-stub of ${kernelVersion}`,
            packages: (family: Family) => family.packages.pciPfStub?.(kernelVersion) ?? [],
          },
        ]
      : []),
  ];
}

/** Null also for a kernel that is not installed any more. */
const ownerOf = (kernel: InstalledKernel | undefined): string | null =>
  kernel && isKnown(kernel.package) ? kernel.package : null;

/** Returns a blocker: on an unsupported distribution the administrator has to do the task. */
export const unsupportedFamily = ({ key }: DriverGoal, why: string, task: string): Plan =>
  planBuilder(key).blocked(
    `cannot automatically ${task}: ${why}`,
    'Do it yourself, and set `prerequisites: "require"`.',
  );
