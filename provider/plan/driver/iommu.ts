import type { HostFacts } from "../../model/facts/host-facts";
import type { Iommu } from "../../model/facts/system";
import { isKnown, isUnknown } from "../../model/unknown";
import { emptyPlan, planBuilder } from "../builder";
import { familyOf } from "../families";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";
import { unsupportedFamily } from "./prerequisites";
import { missingWordsBlocker, wasRebootedFor } from "./reboot";

export interface IommuPlan extends Plan {
  /** Said when it takes a reboot to bring it. */
  rebootBecause: string[];
}

const noReboot = (plan: Plan): IommuPlan => ({ ...plan, rebootBecause: [] });

/** Without an IOMMU virtual functions get no driver (B29). The kernel's command line turns it on, for the next boot (B28). */
export function turnIommuOn(facts: HostFacts, goal: DriverGoal): IommuPlan {
  const { iommu } = facts.system;
  if (iommu.active) return noReboot(emptyPlan());
  const { todo, blocked, noted } = planBuilder(goal.key);
  if (!goal.arguments.iommu)
    return noReboot(noted("The IOMMU is off. Virtual functions would get no driver; `iommu: true` turns it on."));
  if (!iommu.inFirmware)
    return noReboot(
      blocked(
        "the IOMMU is off in the firmware, or the machine has none",
        "Turn VT-d or AMD-Vi on in the firmware's set-up.",
      ),
    );

  const words = requiredWords(iommu, facts.boot.commandLine);
  const rebootBecause = [`${words.join(" ")} waits for a boot`];
  if (words.every((word) => nextCommandLine(facts).includes(word))) {
    if (!words.every((word) => facts.boot.commandLine.includes(word)))
      return rebootBecause.some((reason) => wasRebootedFor(facts, reason))
        ? noReboot(missingWordsBlocker(facts, goal, words))
        : { ...emptyPlan(), rebootBecause };
    return noReboot(
      blocked(
        `the kernel was started with ${words.join(" ")} and the IOMMU is off`,
        "See what dmesg says of DMAR or AMD-Vi.",
      ),
    );
  }
  if (goal.arguments.prerequisites === "require")
    return noReboot(blocked("the IOMMU is off", `Put ${words.join(" ")} on the kernel's command line and reboot.`));
  const family = familyOf(facts.system.os);
  if (isUnknown(family))
    return noReboot(unsupportedFamily(goal, family.unknown, `put ${words.join(" ")} on the kernel's command line`));
  const tool = family.commandLine[facts.boot.loader];
  if (!tool)
    return noReboot(
      blocked(
        "the boot loader is none that is known here",
        `Put ${words.join(" ")} on the kernel's command line and reboot.`,
      ),
    );
  const step = todo(
    `put ${words.join(" ")} on the kernel's command line`,
    "the IOMMU is off",
    ["set_kernel_words", tool, ...words],
    {
      limitSeconds: 300,
    },
  );
  return { ...step, rebootBecause };
}

/** AMD's is on unless somebody turned it off. `iommu=pt` leaves the host's own devices untranslated. */
function requiredWords({ vendor }: Iommu, commandLine: string[]): string[] {
  if (vendor !== "amd") return ["intel_iommu=on", "iommu=pt"];
  return [...(commandLine.includes("amd_iommu=off") ? ["amd_iommu=on"] : []), "iommu=pt"];
}

function nextCommandLine({ boot }: HostFacts): string[] {
  return [boot.next.commandLine, boot.configured].find(isKnown) ?? boot.commandLine;
}
