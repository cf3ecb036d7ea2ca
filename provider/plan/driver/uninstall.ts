import type { HostFacts } from "../../model/facts/host-facts";
import { isUnknown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { familyOf } from "../families";
import { enumerate } from "../format";
import type { DriverGoal, VgpuGoal } from "../goal";
import type { Plan } from "../plan";
import { vgpusToKeep } from "../sriov/blockers";
import { isFromContainer, planForContainer } from "./container-driver";
import { ourBlacklist, rebuildInitramfs } from "./nouveau";
import { unsupportedFamily } from "./prerequisites";
import { unloadDriver } from "./unload";

const uninstallReason = "the driver is to be uninstalled";

/** Plans the removal of the driver and of its configuration. Compiler and headers stay: other software may need them. */
export function uninstallDriver(facts: HostFacts, goal: DriverGoal, vgpuGoals: readonly VgpuGoal[]): Plan {
  return mergePlans(removeDriver(facts, goal, vgpuGoals), restoreCommandLine(facts, goal), allowNouveau(facts, goal));
}

function removeDriver(facts: HostFacts, goal: DriverGoal, vgpuGoals: readonly VgpuGoal[]): Plan {
  const { driver } = facts;
  const { todo, blocked, noted } = planBuilder(goal.key);
  if (driver.flavour === "none") return emptyPlan();
  if (isFromContainer(facts)) return planForContainer(facts, goal);
  if (driver.flavour === "data-centre")
    return noted("NVIDIA's data-centre driver is installed, not the vGPU Manager; it stays.");
  if (driver.packaging === "deb" || driver.packaging === "rpm") {
    const names = driver.packages
      .filter(({ installed, name }) => installed && /vgpu/i.test(name))
      .map(({ name }) => name);
    return blocked(
      `the vGPU Manager was installed as ${driver.packaging}: ${enumerate(names)}`,
      `Remove it with: ${driver.packaging === "deb" ? "apt purge" : "rpm -e"} ${names.join(" ")}.`,
    );
  }
  const keptVgpus = facts.gpus.flatMap((gpu) => vgpusToKeep(facts, gpu, goal.claim, vgpuGoals, "the driver"));
  return mergePlans(
    ...keptVgpus.map(({ reason, hint, device }) => blocked(reason, hint, { device })),
    unloadDriver(facts, goal, uninstallReason),
    todo("uninstall the vGPU Manager", uninstallReason, ["uninstall_driver"], { destructive: true, limitSeconds: 900 }),
  );
}

function restoreCommandLine({ system, boot }: HostFacts, goal: DriverGoal): Plan {
  const words = boot.changedWords ?? [];
  if (!words.length) return emptyPlan();
  const family = familyOf(system.os);
  const tool = isUnknown(family) ? undefined : family.commandLine[boot.loader];
  if (!tool) return unsupportedFamily(goal, `the boot loader is ${boot.loader}`, "change the kernel command line");
  return planBuilder(goal.key).todo(
    "restore the kernel command line",
    `it was changed for the vGPU Manager: ${words.join(" ")}`,
    ["restore_kernel_words", tool],
    {
      limitSeconds: 300,
    },
  );
}

function allowNouveau(facts: HostFacts, goal: DriverGoal): Plan {
  if (!facts.driver.nouveau.blacklistedBy.includes(ourBlacklist)) return emptyPlan();
  const family = familyOf(facts.system.os);
  if (isUnknown(family)) return unsupportedFamily(goal, family.unknown, "rebuild the initramfs");
  return mergePlans(
    planBuilder(goal.key).todo("allow nouveau to be loaded again", `${ourBlacklist} was written for the vGPU Manager`, [
      "allow_nouveau",
    ]),
    rebuildInitramfs(facts, goal, family.initramfs, "nouveau is no longer blacklisted"),
  );
}
