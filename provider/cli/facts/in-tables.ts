import type { HostFacts } from "../../model/facts/host-facts";
import { columns } from "./columns";
import { gpuRows } from "./gpus";
import { systemRows } from "./system";

/** What is known of a host, for people. */
export function inTables(host: string, facts: HostFacts): string {
  const gpus = facts.gpus.length ? columns(gpuRows(facts)) : "no NVIDIA GPU is seen";
  return [host, indented(columns(systemRows(facts))), indented(gpus)].join("\n\n");
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, "  ");
