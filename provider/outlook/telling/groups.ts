import type { Step } from "../../plan";
import { linesOf, readable, type Line } from "./condensed";
import type { InStore } from "./in-store";
import { counted } from "./in-words";
import { saidOfAll, together } from "./said-of-all";

/** Hosts with the same plan. Where they differ in addresses and UUIDs, there is "…". */
export interface Group {
  hosts: string[];
  lines: Line[];
  /** How often each of them reboots. */
  reboots: number;
  /** They are told to be rebooted by hand, and `up` ends there. */
  byHand: boolean;
}

/** The largest first. */
export function groupsOf(hosts: readonly InStore[]): Group[] {
  const changing = hosts.flatMap(({ host, changes }) => (changes.length ? [{ host, changes, lines: linesOf(changes) }] : []));
  return together(changing, ({ lines }) => lines.flatMap(({ does, because }) => [does, because]))
    .map((alike) => ({
      hosts: alike.map(({ host }) => host),
      lines: alike[0].lines.map((_, i) => readable(sameLine(alike.map(({ lines }) => lines[i]!)))),
      ...reboots(alike[0].changes),
    }))
    .sort((a, b) => b.hosts.length - a.hosts.length);
}

/** `the same 9 steps, one reboot` */
export function stepsInWords({ hosts, lines, reboots: times, byHand }: Group): string {
  const steps = hosts.length === 1 ? counted(lines.length, "step") : `the same ${lines.length === 1 ? "step" : `${lines.length} steps`}`;
  if (!times) return steps;
  return `${steps}, ${times === 1 ? "one reboot" : `${times} reboots`}${byHand ? ", left to you" : ""}`;
}

const sameLine = (lines: readonly Line[]): Line => ({
  does: saidOfAll(lines.map(({ does }) => does)),
  because: saidOfAll(lines.map(({ because }) => because)),
});

function reboots(steps: readonly Step[]): Pick<Group, "reboots" | "byHand"> {
  const found = steps.filter((step) => step.reboots);
  return { reboots: found.length, byHand: found.some(({ run }) => run[0] === "reboot_by_hand") };
}
