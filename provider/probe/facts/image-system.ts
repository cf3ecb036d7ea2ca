import type { ImageSystem } from "../../model/facts/system";
import type { Capture } from "../capture";
import { settings } from "../text";

interface Mount {
  type: string;
  options: string[];
}

/** Returns the mounts by their paths. The last one of a path is the one that is used. */
export const mounts = (capture: Capture): Map<string, Mount> =>
  new Map(
    capture
      .read("/proc/self/mounts")
      .map((line) => line.split(" "))
      .map(([, path, type, options]) => [path!, { type: type!, options: options!.split(",") }]),
  );

/** Recognises a system in which no driver can be installed, by what it is and not by its distribution. */
export function imageSystem(capture: Capture): ImageSystem | null {
  if (capture.exists("/run/ostree-booted")) return { kind: "ostree", sign: "/run/ostree-booted exists" };
  const mounted = mounts(capture);
  const readOnly = ["/", "/usr"].find((path) => mounted.get(path)?.options.includes("ro"));
  const root = mounted.get("/");
  // What libzypp calls a transactional server.
  if (readOnly && capture.exists("/usr/sbin/transactional-update"))
    return { kind: "transactional", sign: `${readOnly} is a read-only snapshot` };
  const declared = declarativeSign(capture);
  if (declared) return { kind: "declarative", sign: declared };
  if (readOnly) return { kind: "read-only", sign: `${readOnly} is mounted read-only (${mounted.get(readOnly)!.type})` };
  if (root && inMemory.test(root.type)) return { kind: "volatile", sign: `/ is in memory (${root.type})` };
  return null;
}

function declarativeSign(capture: Capture): string | null {
  if (capture.exists("/etc/NIXOS")) return "/etc/NIXOS exists";
  if (capture.exists("/gnu/store")) return "/gnu/store exists";
  const { ID } = settings(capture.read("/etc/os-release"));
  return ID === "nixos" || ID === "guix" ? `/etc/os-release has ID=${ID}` : null;
}

/** Types of a root that live systems and diskless hosts have: what is written to it is gone after a reboot. */
const inMemory = /^(overlay|overlayfs|aufs|unionfs|tmpfs|ramfs|rootfs)$/;
