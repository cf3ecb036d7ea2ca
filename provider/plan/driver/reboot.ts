import type { HostFacts } from "../../model/facts/host-facts";
import type { Process } from "../../model/facts/users";
import { isKnown } from "../../model/unknown";
import type { DriverDesire } from "../desire";
import { enumerate, processInWords } from "../in-words";
import { nothing, type Plan } from "../plan";
import { sayFor, together } from "./saying";

/** A reboot, by the policy that the user chose. The host's own function looks once more that nothing runs there. */
export function reboot({ key, arguments: { reboot: policy } }: DriverDesire, reasons: readonly string[]): Plan {
  const because = enumerate(reasons);
  const { todo } = sayFor(key);
  const more = { reboots: true, limitSeconds: 120 };
  return policy === "never"
    ? todo("reboot the host, which is left to you", because, ["reboot_by_hand", because], more)
    : todo("reboot the host while nothing runs on it", because, ["reboot_when_idle", because], more);
}

/** What runs keeps a host from being rebooted, which is said before anything is done to it. */
export function blockedByGuests(facts: HostFacts, { key, arguments: { reboot: policy } }: DriverDesire): Plan {
  if (policy === "never") return nothing();
  const { blocked } = sayFor(key);
  const next = "Shut it down or move it away first: a host is rebooted only while nothing runs on it.";
  return together(...running(facts).map((who) => blocked(`${who} runs, and the host has to be rebooted`, next)));
}

function running({ virtualMachines, containers }: HostFacts): string[] {
  return [
    ...(isKnown(virtualMachines) ? virtualMachines.map(machine) : []),
    ...(isKnown(containers) ? containers.map(processInWords) : []),
  ];
}

const machine = (process: Process) =>
  process.guest ? `the guest ${process.guest} (pid ${process.pid})` : processInWords(process);
