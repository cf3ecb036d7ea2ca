import type { HostFacts } from "../../model/facts/host-facts";
import { isKnown } from "../../model/unknown";
import { emptyPlan } from "../builder";
import type { SriovGoal } from "../goal";
import type { Plan } from "../plan";

/** Units of Proxmox, StackHPC and OpenStack that enable VFs at boot too. */
export function competingUnits({ driver }: HostFacts, { key }: SriovGoal): Plan {
  const units = isKnown(driver.services)
    ? driver.services.filter(({ name, present }) => present && /^(pve-)?nvidia-sriov/.test(name))
    : [];
  return {
    ...emptyPlan(),
    notes: units.map(({ name }) => ({ message: `${name} enables virtual functions at boot too`, requestedBy: [key] })),
  };
}
