import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown } from "../../model/unknown";
import type { SriovDesire } from "../desire";
import { nothing, type Plan } from "../plan";

/** Units of Proxmox, StackHPC and OpenStack that enable VFs at boot too. */
export function rivals({ driver }: HostFacts, { key }: SriovDesire): Plan {
  const units = isKnown(driver.services)
    ? driver.services.filter(({ name, present }) => present && /^(pve-)?nvidia-sriov/.test(name))
    : [];
  return {
    ...nothing(),
    notes: units.map(({ name }) => ({ says: `${name} enables virtual functions at boot too`, for: [key] })),
  };
}
