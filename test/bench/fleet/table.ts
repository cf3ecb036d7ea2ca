import { growthExponent, ratio, seconds, table } from "../report";
import type { FleetFigures } from "./fleet";
import { toolNames } from "./others/other-tools";

const head = [
  "hosts",
  "`pulumi preview`",
  "each more host",
  "growth exponent",
  "without refresh",
  "refresh adds",
  "our ssh part alone",
  "OpenSSH clients",
  "preview / OpenSSH",
  "refresh / OpenSSH",
  "ssh part / OpenSSH",
  "peak memory",
  "dial errors",
];

/** The fewest hosts first. */
export function fleetTable(all: readonly FleetFigures[]): string {
  return table(
    head,
    all.map((figures, index) => {
      const { hosts, preview, withoutRefresh, reading, openssh, peakMiB, dialErrors } = figures;
      const refreshing = preview - withoutRefresh;
      return [
        String(hosts),
        seconds(preview),
        growth(figures, all[index - 1]),
        exponent(figures, all[index - 1]),
        seconds(withoutRefresh),
        seconds(refreshing),
        seconds(reading),
        seconds(openssh),
        ratio(preview, openssh),
        ratio(refreshing, openssh),
        ratio(reading, openssh),
        `${peakMiB} MiB`,
        String(dialErrors),
      ];
    }),
  );
}

/** Compares with the other tools, for those numbers of hosts with which they were measured. */
export function othersTable(all: readonly FleetFigures[]): string {
  const measured = all.filter(({ others }) => toolNames.every((tool) => others[tool] !== undefined));
  return table(
    ["hosts", "`pulumi preview`", "our ssh part alone", ...toolNames, ...toolNames.map((tool) => `preview / ${tool}`)],
    measured.map(({ hosts, preview, reading, others }) => [
      String(hosts),
      seconds(preview),
      seconds(reading),
      ...toolNames.map((tool) => seconds(others[tool]!)),
      ...toolNames.map((tool) => ratio(preview, others[tool]!)),
    ]),
  );
}

/** Returns the sentence about all numbers of hosts together. */
export const growthSentence = (all: readonly FleetFigures[]): string =>
  `Growth exponent of \`pulumi preview\` from ${all[0]!.hosts} to ${all.at(-1)!.hosts} hosts: ` +
  `${growthExponent(all.map(({ hosts, preview }) => [hosts, preview])).toFixed(2)}`;

const exponent = (figures: FleetFigures, fewer?: FleetFigures): string =>
  fewer
    ? growthExponent([
        [fewer.hosts, fewer.preview],
        [figures.hosts, figures.preview],
      ]).toFixed(2)
    : "-";

const growth = ({ hosts, preview }: FleetFigures, fewer?: FleetFigures): string =>
  fewer ? `${Math.round((preview - fewer.preview) / (hosts - fewer.hosts))} ms` : "-";
