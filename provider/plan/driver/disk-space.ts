import type { HostFacts } from "../../model/facts/host-facts";
import type { Disk } from "../../model/facts/system";
import { isUnknown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { enumerate } from "../format";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";

/** Packages are uploaded and unpacked here: /tmp is often small or mounted noexec. */
const workDirectory = "/var/lib/nvidia-vgpu";

/** Size of a package that is already on the host. Those of R580 are the largest so far. */
const usualMiB = 200;

/**
 * Estimates the space for the package, its unpacked files, the installed files, and a new initramfs next to the old one. The old
 * package stays until the new one is installed, and a test build needs sources and built modules. Generous, not exact.
 */
function requiredSpace({ driver }: HostFacts, { packageBytes }: DriverGoal): [path: string, mebibytes: number][] {
  const packageMiB = packageBytes === undefined ? usualMiB : Math.ceil(packageBytes / 2 ** 20);
  const hasTestBuild = driver.loaded !== null;
  return [
    [workDirectory, 5 * packageMiB + (hasTestBuild ? 512 : 256)],
    ["/usr", 4 * packageMiB],
    ["/boot", 100],
  ];
}

export function diskSpaceBlockers(facts: HostFacts, goal: DriverGoal): Plan {
  const { disks } = facts.system;
  if (isUnknown(disks)) return emptyPlan();
  const { blocked } = planBuilder(goal.key);
  const onDisk = new Map<Disk, { paths: string[]; needed: number }>();
  for (const [path, mebibytes] of requiredSpace(facts, goal)) {
    const disk = diskOf(path, disks);
    if (!disk) continue;
    const { paths, needed } = onDisk.get(disk) ?? { paths: [], needed: 0 };
    onDisk.set(disk, { paths: [...paths, path], needed: needed + mebibytes });
  }
  return mergePlans(
    ...[...onDisk].map(([disk, { paths, needed }]) => {
      if (disk.readOnly)
        return blocked(`${disk.path} is mounted read-only, with ${enumerate(paths)}`, "Mount it writable.");
      if (disk.noexec && paths.includes(workDirectory))
        return blocked(
          `${disk.path} is mounted noexec, and the installer is unpacked and run in ${workDirectory}`,
          "Mount it without noexec.",
        );
      if (disk.availableMiB >= needed) return emptyPlan();
      return blocked(
        `${disk.path} has ${disk.availableMiB} MiB free, and about ${needed} MiB are needed for ${enumerate(paths)}`,
        "Free space there.",
      );
    }),
  );
}

const diskOf = (path: string, disks: readonly Disk[]) =>
  disks
    .filter((disk) => disk.path === "/" || path === disk.path || path.startsWith(`${disk.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
