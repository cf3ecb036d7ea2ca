import { desiredVersion } from "../../model/desired/driver";
import type { HostFacts } from "../../model/facts/host-facts";
import type { DriverGoal, Plan } from "..";
import { emptyPlan, plan } from "..";
import { driverBlocker } from "../gpu/readiness";
import { withDriverLoaded } from "./simulate";

/** One of the steps of a host: driver, MIG mode, VFs. */
export interface Phase {
  plan: Plan;
  factsAfter: HostFacts;
}

export interface DriverPhase extends Phase {
  driverWillChange: boolean;
}

export function planDriver(facts: HostFacts, goal: DriverGoal | undefined): DriverPhase {
  if (!goal) return { plan: emptyPlan(), factsAfter: facts, driverWillChange: false };
  const driverPlan = plan(facts, [goal]);
  const driverWillChange = willDriverChange(facts, driverPlan);
  const factsAfter = driverWillChange
    ? withDriverLoaded(facts, desiredVersion(goal.arguments), goal.arguments.iommu)
    : facts;
  return { plan: driverPlan, factsAfter, driverWillChange };
}

/** A reboot removes VFs and vGPUs, and so does another driver (B38, B48). Without a loaded driver, the facts do not show them. */
function willDriverChange(facts: HostFacts, { steps, blockers }: Plan): boolean {
  return (
    steps.some(({ requiresReboot, destructive }) => requiresReboot || destructive) ||
    (steps.length + blockers.length > 0 && driverBlocker(facts) !== null)
  );
}
