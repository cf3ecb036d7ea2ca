import { exceptContainers, isExcepted } from "../../model/desired/reboot-policy";
import type { HostFacts } from "../../model/facts/host-facts";
import type { Container, Process } from "../../model/facts/users";
import { isKnown } from "../../model/unknown";
import { emptyPlan, mergePlans, planBuilder } from "../builder";
import { enumerate, formatProcess } from "../format";
import type { DriverGoal } from "../goal";
import type { Plan } from "../plan";

/** A reboot, by the policy that the user chose. The host's own function looks once more that nothing runs there. */
export function reboot({ key, arguments: { reboot: policy } }: DriverGoal, reasons: readonly string[]): Plan {
  const because = enumerate(reasons);
  const { todo } = planBuilder(key);
  const except = exceptContainers(policy);
  const more = { requiresReboot: true, limitSeconds: 180 };
  return except
    ? todo("reboot the host while nothing runs on it", because, ["reboot_when_idle", because, ...except], more)
    : todo("reboot the host, which is left to you", because, ["reboot_by_hand", because], more);
}

/** What runs keeps a host from being rebooted, which is said before anything is done to it. */
export function blockedByGuests(facts: HostFacts, { key, arguments: { reboot: policy } }: DriverGoal): Plan {
  const except = exceptContainers(policy);
  if (!except) return emptyPlan();
  const { blocked } = planBuilder(key);
  const next = "Shut it down or move it away first: a host is rebooted only while nothing runs on it.";
  return mergePlans(
    ...running(facts, except).map((who) => blocked(`${who} runs, and the host has to be rebooted`, next)),
    ...unknownReasons(facts).map((why) =>
      blocked(`what runs on the host cannot be told, and it has to be rebooted: ${why}`, readable),
    ),
  );
}

const readable =
  'Log in as root, or with sudo, and see that it may read all of /proc; or set reboot to "never" and reboot the host yourself.';

function running({ virtualMachines, containers }: HostFacts, except: readonly string[]): string[] {
  return [
    ...(isKnown(virtualMachines) ? virtualMachines.map(machine) : []),
    ...(isKnown(containers) ? containers.filter(({ names }) => !isExcepted(names, except)).map(containerInWords) : []),
  ];
}

/** One reason will do. */
const unknownReasons = ({ virtualMachines, containers }: HostFacts): string[] =>
  [virtualMachines, containers].flatMap((fact) => (isKnown(fact) ? [] : [fact.unknown])).slice(0, 1);

const machine = (process: Process) =>
  process.guest ? `the guest ${process.guest} (pid ${process.pid})` : formatProcess(process);

/** By the name that the operator gave it, where it has one. */
const containerInWords = (one: Container) => formatProcess({ ...one, container: one.container && one.names[0]! });
