import { ratio, seconds, table } from "../report";
import type { Cost } from "./meter";
import type { HostFigures } from "./one-host";

const head = [
  "what",
  "by",
  "connections",
  "execs",
  "processes on the host",
  "sent",
  "received",
  "time",
  "this package / it: processes",
  "bytes",
  "time",
];

export function hostTable(all: readonly HostFigures[]): string {
  return table(
    head,
    all.flatMap(({ what, ours, oneConnection, perCommand }) => [
      row(what, "this package", ours, ours),
      row("", "one `ssh`", oneConnection, ours),
      row("", "one `ssh` per command", perCommand, ours),
    ]),
  );
}

function row(what: string, by: string, cost: Cost, ours: Cost): string[] {
  const compared = [ratio(ours.processes, cost.processes), ratio(bytes(ours), bytes(cost)), ratio(ours.ms, cost.ms)];
  const { connections, execs, processes, sent, received, ms } = cost;
  return [
    what,
    by,
    String(connections),
    String(execs),
    String(processes),
    kib(sent),
    kib(received),
    seconds(ms),
    ...compared,
  ];
}

const bytes = ({ sent, received }: Cost): number => sent + received;

const kib = (count: number): string => `${Math.round(count / 1024)} KiB`;
