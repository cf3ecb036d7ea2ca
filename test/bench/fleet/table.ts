import { ratio, seconds, table } from "../report";
import type { FleetFigures } from "./fleet";

const head = [
  "hosts",
  "`pulumi preview`",
  "each more host",
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

const growth = ({ hosts, preview }: FleetFigures, fewer?: FleetFigures): string =>
  fewer ? `${Math.round((preview - fewer.preview) / (hosts - fewer.hosts))} ms` : "-";
