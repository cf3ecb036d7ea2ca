import type { LoadedModule } from "../../model/facts/driver";
import { unknown } from "../../model/unknown";
import type { Capture } from "../capture";

/** Lines of /proc/modules: name, size, references or `-`, users with a comma behind each or `-`. */
export function loadedModules(capture: Capture): LoadedModule[] {
  return capture.read("/proc/modules").map((line) => {
    const [name, , references, users] = line.split(" ") as [string, string, string, string];
    return {
      name,
      references: references === "-" ? unknown("this kernel counts no module references") : Number(references),
      usedBy: users.split(",").filter((user) => user && user !== "-"),
      version: capture.value(`/sys/module/${name}/version`),
    };
  });
}
