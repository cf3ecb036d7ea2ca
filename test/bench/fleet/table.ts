import type { Effort } from "../processor-time";
import { growthExponent, ratio, seconds, table } from "../report";
import type { FleetFigures } from "./fleet";
import type { ToolName } from "./others/other-tools";
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
      const { hosts, peakMiB, dialErrors } = figures;
      const [preview, withoutRefresh] = [figures.preview.ms, figures.withoutRefresh.ms];
      const [reading, openssh] = [figures.reading.ms, figures.openssh.ms];
      const refreshing = preview - withoutRefresh;
      return [
        String(hosts),
        seconds(preview),
        growth(figures, all[index - 1]),
        exponent("ms", figures, all[index - 1]),
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

/** Shows the processor time of all processes on the machine that runs each of them. The hosts' part is not in it. */
export function processorTable(all: readonly FleetFigures[]): string {
  return table(
    [
      "hosts",
      "`pulumi preview`",
      "growth exponent",
      "without refresh",
      "our ssh part alone",
      "OpenSSH clients",
      ...toolNames,
    ],
    all.map((figures, index) => [
      String(figures.hosts),
      seconds(figures.preview.cpuMs),
      exponent("cpuMs", figures, all[index - 1]),
      ...[figures.withoutRefresh, figures.reading, figures.openssh].map(({ cpuMs }) => seconds(cpuMs)),
      ...toolNames.map((tool) => ofTool(figures, tool, ({ cpuMs }) => seconds(cpuMs))),
    ]),
  );
}

/** Compares times with the other tools. */
export function othersTable(all: readonly FleetFigures[]): string {
  return table(
    ["hosts", "`pulumi preview`", "our ssh part alone", ...toolNames, ...toolNames.map((tool) => `preview / ${tool}`)],
    all.map((figures) => [
      String(figures.hosts),
      seconds(figures.preview.ms),
      seconds(figures.reading.ms),
      ...toolNames.map((tool) => ofTool(figures, tool, ({ ms }) => seconds(ms))),
      ...toolNames.map((tool) => ofTool(figures, tool, ({ ms }) => ratio(figures.preview.ms, ms))),
    ]),
  );
}

/** Returns a cell for a tool that was not measured with so many hosts as well. */
function ofTool({ others }: FleetFigures, tool: ToolName, format: (effort: Effort) => string): string {
  const effort = others[tool];
  return effort ? format(effort) : "-";
}

/** Returns the sentence about all numbers of hosts together. */
export function growthSentence(all: readonly FleetFigures[]): string {
  const total = (of: keyof Effort) => growthExponent(all.map(({ hosts, preview }) => [hosts, preview[of]])).toFixed(2);
  const range = `from ${all[0]!.hosts} to ${all.at(-1)!.hosts} hosts`;
  return `Growth exponent of \`pulumi preview\` ${range}: ${total("ms")}; of its processor time: ${total("cpuMs")}`;
}

const exponent = (of: keyof Effort, figures: FleetFigures, fewer?: FleetFigures): string =>
  fewer
    ? growthExponent([
        [fewer.hosts, fewer.preview[of]],
        [figures.hosts, figures.preview[of]],
      ]).toFixed(2)
    : "-";

const growth = ({ hosts, preview }: FleetFigures, fewer?: FleetFigures): string =>
  fewer ? `${Math.round((preview.ms - fewer.preview.ms) / (hosts - fewer.hosts))} ms` : "-";
