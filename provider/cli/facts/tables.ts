import Table from "cli-table3";
import type { HostFacts } from "../../model/facts/host-facts";
import { gpuRows } from "./gpus";
import { systemRows } from "./system";

const none = Object.fromEntries(
  (
    [
      "top",
      "top-mid",
      "top-left",
      "top-right",
      "bottom",
      "bottom-mid",
      "bottom-left",
      "bottom-right",
      "left",
      "left-mid",
      "mid",
      "mid-mid",
      "right",
      "right-mid",
    ] as const
  ).map((name) => [name, ""]),
);

/** Formats rows as aligned columns with two blanks between them. */
export function columns(rows: readonly (readonly string[])[]): string {
  const table = new Table({
    chars: { ...none, middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString().replace(/ +$/gm, "");
}

/** Formats the facts of a host as tables. */
export function factTables(host: string, facts: HostFacts): string {
  const gpus = facts.gpus.length ? columns(gpuRows(facts)) : "no NVIDIA GPU found";
  return [host, indented(columns(systemRows(facts))), indented(gpus)].join("\n\n");
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, "  ");
