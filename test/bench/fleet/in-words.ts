import { ratio, seconds, table } from "../report";
import type { FleetFigures } from "./fleet";

const head = [
  "hosts",
  "`pulumi preview`",
  "each more host",
  "without looking",
  "looking adds",
  "our ssh part alone",
  "OpenSSH clients",
  "preview / OpenSSH",
  "looking / OpenSSH",
  "ssh part / OpenSSH",
  "peak memory",
  "dial errors",
];

/** The fewest hosts first. */
export function fleetTable(all: readonly FleetFigures[]): string {
  return table(
    head,
    all.map((figures, index) => {
      const { hosts, preview, blind, reading, openssh, peakMiB, dialErrors } = figures;
      const looking = preview - blind;
      return [
        String(hosts),
        seconds(preview),
        growth(figures, all[index - 1]),
        seconds(blind),
        seconds(looking),
        seconds(reading),
        seconds(openssh),
        ratio(preview, openssh),
        ratio(looking, openssh),
        ratio(reading, openssh),
        `${peakMiB} MiB`,
        String(dialErrors),
      ];
    }),
  );
}

const growth = ({ hosts, preview }: FleetFigures, fewer?: FleetFigures): string =>
  fewer ? `${Math.round((preview - fewer.preview) / (hosts - fewer.hosts))} ms` : "-";
