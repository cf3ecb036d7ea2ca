import type { PendingReboot } from "../../model/facts/boot";
import type { DriverFacts } from "../../model/facts/driver";
import { isKnown } from "../../model/unknown";
import type { Capture } from "../capture";
import type { BootFactsFromFiles } from "./boot";
import { commandLineChanges } from "./boot";

export function pendingReboot(capture: Capture, boot: BootFactsFromFiles, driver: DriverFacts): PendingReboot[] {
  const pending: PendingReboot[] = [];
  const { next } = boot;
  if (isKnown(next.kernel) && next.kernel !== boot.kernel) {
    pending.push({ reason: "kernel", detail: `${boot.kernel} runs, ${next.kernel} boots next` });
  }
  const changes = commandLineChanges(boot.commandLine, next.commandLine);
  if (isKnown(changes) && changes.length) pending.push({ reason: "command-line", detail: changes.join(" ") });
  if (driver.loaded && isKnown(driver.onDisk) && driver.onDisk && driver.loaded !== driver.onDisk) {
    pending.push({ reason: "driver", detail: `${driver.loaded} is loaded, ${driver.onDisk} is installed` });
  }
  if (driver.nouveau.loaded && driver.nouveau.blacklistedBy.length) {
    pending.push({
      reason: "nouveau",
      detail: `${driver.nouveau.name === "nouveau" ? "" : `${driver.nouveau.name} is `}loaded, and blacklisted by ${driver.nouveau.blacklistedBy.join(", ")}`,
    });
  }
  // Written behind an installation, in a place that a reboot empties: the documented step after it (S03).
  const installed = capture.value("/run/nvidia-vgpu/reboot-required");
  if (installed !== null) pending.push({ reason: "installation", detail: installed });
  const flags = ["/var/run/reboot-required", "/run/reboot-needed"].filter((flag) => capture.exists(flag));
  const packages = [...new Set(capture.read("/var/run/reboot-required.pkgs"))].join(", ");
  if (flags.length) pending.push({ reason: "distribution", detail: packages || flags.join(", ") });
  return pending;
}
