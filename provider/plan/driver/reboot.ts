import type { HostFacts } from "../../model/facts/host-facts";
import type { Process } from "../../model/facts/users";
import { isKnown } from "../../model/unknown";
import type { DriverDesire } from "../desire";
import { nothing, type Plan } from "../plan";
import { enumerate, sayFor, together } from "./saying";

/**
 * A reboot, by the policy that the user chose. What runs on the host is named before anything is done to it; the host's own
 * function looks once more at the last moment.
 */
export function reboot(facts: HostFacts, { key, arguments: { reboot: policy } }: DriverDesire, reasons: readonly string[]): Plan {
  if (!reasons.length) return nothing();
  const because = enumerate(reasons);
  const { todo, blocked } = sayFor(key);
  const more = { reboots: true, limitSeconds: 120 };
  if (policy === "never") return todo("reboot the host, which is left to you", because, ["reboot_by_hand", because], more);
  return together(
    ...running(facts).map((who) =>
      blocked(
        `${who} runs, and the host has to be rebooted: ${because}`,
        "Shut it down or move it away first; this reboots a host only while nothing runs on it.",
      ),
    ),
    todo("reboot the host while nothing runs on it", because, ["reboot_when_idle", because], more),
  );
}

function running({ virtualMachines, containers }: HostFacts): string[] {
  return [
    ...(isKnown(virtualMachines) ? virtualMachines.map(machine) : []),
    ...(isKnown(containers) ? containers.map(({ container, command, pid }) => `container ${container} (${command}, pid ${pid})`) : []),
  ];
}

const machine = ({ guest, command, pid, unit }: Process) =>
  guest ? `virtual machine ${guest} (pid ${pid})` : `a virtual machine (${command}, pid ${pid}${unit ? `, ${unit}` : ""})`;
