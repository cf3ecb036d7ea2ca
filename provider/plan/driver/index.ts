import { wantedVersion } from "../../model/desired/driver";
import type { DriverVersion } from "../../model/driver-version";
import type { HostFacts } from "../../model/facts/host-facts";
import type { CardDesire, DriverDesire } from "../desire";
import type { Plan } from "../plan";
import { installDriver } from "./install";
import { allowLoading } from "./loading";
import { isWithDkms } from "./modules";
import { chained, together } from "./saying";
import { whyInstall } from "./seen";
import { uninstallDriver } from "./uninstall";
import { keepWorking } from "./upkeep";

/**
 * What is to be done on a host so that its driver is as wanted. A version that is there is adopted, whoever installed it. `cards`: what
 * else is wanted in the same plan.
 */
export function planDriver(facts: HostFacts, desire: DriverDesire, cards: readonly CardDesire[] = []): Plan {
  const change = desire.state === "absent" ? uninstallDriver(facts, desire, cards) : installed(facts, desire);
  return chained(together(allowLoading(facts, desire), change));
}

function installed(facts: HostFacts, desire: DriverDesire): Plan {
  const wanted = wantedVersion(desire.arguments);
  const why = whyInstall(facts, wanted);
  return why && !onlyModulesMissing(facts, wanted)
    ? installDriver(facts, desire, wanted, why)
    : keepWorking(facts, desire, wanted);
}

/** After a kernel upgrade, say. Building them takes nothing away: from DKMS' sources, or while the same modules are loaded. */
function onlyModulesMissing(facts: HostFacts, wanted: DriverVersion): boolean {
  const { flavour, onDisk, loaded } = facts.driver;
  return flavour === "vgpu-manager" && onDisk === null && (isWithDkms(facts, wanted) || loaded === wanted);
}
