import type { OperatingSystem, OsFamily } from "../../model/facts/system";
import type { OrUnknown } from "../../model/unknown";
import { isUnknown, unknown } from "../../model/unknown";
import { debian } from "./debian";
import type { Family } from "./family";
import { proxmox } from "./proxmox";
import { rhel } from "./rhel";
import { suse } from "./suse";
import { ubuntu } from "./ubuntu";

export type { Family } from "./family";

const families: Record<Exclude<OsFamily, "other">, Family> = { debian, ubuntu, proxmox, rhel, suse };

/** Returns the family of a distribution, or why it is unknown. */
export function familyOf(os: OrUnknown<OperatingSystem>): OrUnknown<Family> {
  if (isUnknown(os)) return os;
  return os.family === "other" ? unknown(`${os.name} is not a supported distribution`) : families[os.family];
}
