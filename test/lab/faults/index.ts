import type { LabHost } from "../host/running-host";
import { driverFaults } from "./driver";
import type { Fault } from "./fault";
import { machineFaults } from "./machine";
import { sshFaults } from "./ssh";

/** All faults by name: `npm run lab -- fault NAME [ARGS]`. */
export const faults: Record<string, Fault> = { ...driverFaults, ...machineFaults, ...sshFaults };

/** Injects a fault by name; the name `clear` clears all faults that can be cleared. */
export async function injectFault(lab: LabHost, name: string, ...args: string[]): Promise<void> {
  if (name === "clear") {
    await faults["host-gone"]!.clear!(lab); // first: the others need the guest
    for (const fault of Object.values(faults)) await fault.clear?.(lab);
    return;
  }
  const fault = faults[name];
  if (!fault) throw new Error(`no fault is called "${name}". There are:\n${describeFaults()}`);
  if (args.length > (fault.arguments?.length ?? 0)) throw new Error(`usage: fault ${usage(name, fault)}`);
  await fault.inject(lab, ...args);
}

const usage = (name: string, fault: Fault): string => [name, ...(fault.arguments ?? []).map((a) => `[${a}]`)].join(" ");

export function describeFaults(): string {
  return Object.entries(faults)
    .map(([name, fault]) => `  ${usage(name, fault).padEnd(44)} ${fault.summary}`)
    .concat(`  ${"clear".padEnd(44)} clears all faults that can be cleared`)
    .join("\n");
}
