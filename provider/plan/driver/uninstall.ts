import type { HostFacts } from "../../model/facts/host-facts";
import { isUnknown } from "../../model/unknown";
import type { CardDesire, DriverDesire } from "../desire";
import { familyOf } from "../families";
import { enumerate } from "../in-words";
import { nothing, type Plan } from "../plan";
import { whatStays } from "../sriov/in-the-way";
import { ourBlacklist, rebuildInitramfs } from "./nouveau";
import { blockedByFamily } from "./prerequisites";
import { sayFor, together } from "./saying";
import { takeAway } from "./take-away";

const because = "it is to be uninstalled";

/** Leaves the host as it was found, but for compiler and headers: others may have come to need them. */
export function uninstallDriver(facts: HostFacts, desire: DriverDesire, cards: readonly CardDesire[]): Plan {
  return together(removeDriver(facts, desire, cards), restoreCommandLine(facts, desire), allowNouveau(facts, desire));
}

function removeDriver(facts: HostFacts, desire: DriverDesire, cards: readonly CardDesire[]): Plan {
  const { driver } = facts;
  const { todo, blocked, noted } = sayFor(desire.key);
  if (driver.flavour === "none") return nothing();
  if (driver.flavour === "data-centre") return noted("NVIDIA's data-centre driver is there, not the vGPU Manager; it stays.");
  if (driver.packaging === "deb" || driver.packaging === "rpm") {
    const names = driver.packages.filter(({ installed, name }) => installed && /vgpu/i.test(name)).map(({ name }) => name);
    return blocked(
      `the vGPU Manager was installed as ${driver.packaging}: ${enumerate(names)}`,
      `Remove it as it came: ${driver.packaging === "deb" ? "apt purge" : "rpm -e"} ${names.join(" ")}.`,
    );
  }
  const staying = facts.gpus.flatMap((gpu) => whatStays(facts, gpu, desire.claim, cards, "the driver"));
  return together(
    ...staying.map(({ seen, next, device }) => blocked(seen, next, { device })),
    takeAway(facts, desire, because),
    todo("uninstall the vGPU Manager", because, ["uninstall_driver"], { wipes: true, limitSeconds: 900 }),
  );
}

function restoreCommandLine({ system, boot }: HostFacts, desire: DriverDesire): Plan {
  const words = boot.changedWords ?? [];
  if (!words.length) return nothing();
  const family = familyOf(system.os);
  const tool = isUnknown(family) ? undefined : family.commandLine[boot.loader];
  if (!tool) return blockedByFamily(desire, `the boot loader is ${boot.loader}`, "change the kernel's command line");
  return sayFor(desire.key).todo(
    "put the kernel's command line back",
    `it was changed for the vGPU Manager: ${words.join(" ")}`,
    ["restore_kernel_words", tool],
    {
      limitSeconds: 300,
    },
  );
}

function allowNouveau(facts: HostFacts, desire: DriverDesire): Plan {
  if (!facts.driver.nouveau.blacklistedBy.includes(ourBlacklist)) return nothing();
  const family = familyOf(facts.system.os);
  if (isUnknown(family)) return blockedByFamily(desire, family.unknown, "rebuild the initramfs");
  return together(
    sayFor(desire.key).todo("let nouveau be loaded again", `${ourBlacklist} was written for the vGPU Manager`, ["allow_nouveau"]),
    rebuildInitramfs(facts, desire, family.initramfs, "nouveau is no longer blacklisted"),
  );
}
