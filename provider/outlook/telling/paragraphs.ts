import { names } from "./in-words";
import type { Report } from "./report";

/** Lines that belong together, each lot after a blank line. */
export const paragraphs = (parts: readonly (readonly string[])[]): string =>
  parts.filter(({ length }) => length > 0).map((lines) => lines.join("\n")).join("\n\n");

/** What is told of hosts that are not as others are, one line each. */
export const linesOnHosts = ({ twins, away, inMaintenance }: Report) => ({
  twins: twins.map(({ hosts, identity }) => `${names(hosts)} are one machine (${identity}). Keep one of the names.`),
  away: away.map(({ hosts, says }) => `${names(hosts)} away: ${says}`),
  inMaintenance: inMaintenance.map(({ hosts, says }) => `${names(hosts)}: maintenance (${says}).`),
});
