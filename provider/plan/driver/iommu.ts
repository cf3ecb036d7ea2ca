import type { BootLoader } from "../../model/facts/boot";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Iommu } from "../../model/facts/system";
import { isKnown, isUnknown } from "../../model/unknown";
import { emptyPlan, planBuilder } from "../builder";
import { familyOf } from "../families";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";
import { kernelWordsHint, systemOf } from "./image-hints";
import { unsupportedFamily } from "./prerequisites";
import { missingWordsBlocker, wasRebootedFor } from "./reboot";

interface IommuPlan {
  plan: Plan;
  /** Why the host has to be rebooted for the IOMMU; empty if it does not. */
  rebootReasons: string[];
}

/** Turns the IOMMU on for the next boot (B28). Without one, virtual functions get no driver (B29). */
export function turnIommuOn(facts: HostFacts, goal: DriverGoal): IommuPlan {
  const words = requiredWords(facts.system.iommu, facts.boot.commandLine);
  const takesEffect = `${words.join(" ")} takes effect after a reboot`;
  const rebootPlan = (plan: Plan): IommuPlan => ({ plan, rebootReasons: [takesEffect] });

  const withoutChange = planWithoutChange(facts, goal, words);
  if (withoutChange) return { plan: withoutChange, rebootReasons: [] };
  if (!includesAll(nextCommandLine(facts), words)) {
    const change = addWords(facts, goal, words);
    return change.steps.length ? rebootPlan(change) : { plan: change, rebootReasons: [] };
  }
  if (wasRebootedFor(facts, takesEffect)) return { plan: missingWordsBlocker(facts, goal, words), rebootReasons: [] };
  return rebootPlan(emptyPlan());
}

/** Returns the plan if the command line cannot help: the IOMMU is on, not requested, off in the firmware, or broken. */
function planWithoutChange({ system, boot }: HostFacts, goal: DriverGoal, words: readonly string[]): Plan | null {
  const { blocked, noted } = planBuilder(goal.key);
  if (system.iommu.active) return emptyPlan();
  if (!goal.arguments.iommu)
    return noted("The IOMMU is off. Virtual functions would get no driver; `iommu: true` turns it on.");
  if (!system.iommu.inFirmware)
    return blocked(
      "the IOMMU is off in the firmware, or the machine has none",
      "Turn on VT-d or AMD-Vi in the firmware setup.",
    );
  if (includesAll(boot.commandLine, words) && includesAll(nextCommandLine({ boot }), words))
    return blocked(
      `the kernel was started with ${words.join(" ")}, but the IOMMU is off`,
      "Search dmesg for DMAR or AMD-Vi.",
    );
  return null;
}

/** Adds the words to the command line, or returns what blocks that. */
function addWords({ system, boot }: HostFacts, goal: DriverGoal, words: readonly string[]): Plan {
  const { todo, blocked } = planBuilder(goal.key);
  if (system.image)
    return blocked(`the IOMMU is off, and ${systemOf(system.image)}`, kernelWordsHint(system.image, words.join(" ")));
  const change = `${words.join(" ")} to the kernel command line`;
  if (goal.arguments.prerequisites === "require") return blocked("the IOMMU is off", `Add ${change} and reboot.`);
  const family = familyOf(system.os);
  if (isUnknown(family)) return unsupportedFamily(goal, family.unknown, `add ${change}`);
  const tool = family.commandLine[boot.loader];
  if (!tool) return blocked(loaderReason(boot.loader), `Add ${change} and reboot.`);
  return todo(`add ${change}`, "the IOMMU is off", ["set_kernel_words", tool, ...words], { limitSeconds: 300 });
}

const loaderReason = (loader: BootLoader): string =>
  loader === "systemd-boot"
    ? "systemd-boot starts this host, and its command line is not changed automatically"
    : "the boot loader is not supported";

/** Returns the words that turn the IOMMU on. AMD's is on by default. `iommu=pt` leaves the host's own devices untranslated. */
function requiredWords({ vendor }: Iommu, commandLine: string[]): string[] {
  if (vendor !== "amd") return ["intel_iommu=on", "iommu=pt"];
  return [...(commandLine.includes("amd_iommu=off") ? ["amd_iommu=on"] : []), "iommu=pt"];
}

const nextCommandLine = ({ boot }: Pick<HostFacts, "boot">): string[] =>
  [boot.next.commandLine, boot.configured].find(isKnown) ?? boot.commandLine;

const includesAll = (commandLine: readonly string[], words: readonly string[]): boolean =>
  words.every((word) => commandLine.includes(word));
