import { roles } from "../cli-processes";
import type { Effort } from "../processor-time";
import { growthExponent, ratio, seconds, table } from "../report";
import type { FleetFigures } from "./fleet";
import type { CliEffort } from "./measured-stack";
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
      const { hosts, dynamic } = figures;
      const [preview, withoutRefresh] = [dynamic.preview.ms, dynamic.withoutRefresh.ms];
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
        `${dynamic.peakMiB} MiB`,
        String(dynamic.dialErrors),
      ];
    }),
  );
}

/** Compares the resources of the native plugin with those of Pulumi's dynamic provider. */
export function nativeTable(all: readonly FleetFigures[]): string {
  const rows = all.flatMap(({ hosts, openssh, ...figures }) =>
    (["dynamic", "native", "yaml"] as const).flatMap((provider) => {
      const stack = figures[provider];
      if (!stack) return [];
      const { preview, withoutRefresh, tuned, peakMiB, dialErrors, stateBytes } = stack;
      const row = [
        String(hosts),
        provider === "yaml" ? "native, YAML program" : provider,
        seconds(preview.ms),
        seconds(withoutRefresh.ms),
        ratio(preview.ms, openssh.ms),
        seconds(tuned.ms),
        ratio(tuned.ms, openssh.ms),
        seconds(preview.cpuMs),
        seconds(withoutRefresh.cpuMs),
        seconds(tuned.cpuMs),
        `${peakMiB} MiB`,
        `${(stateBytes / 3 / hosts / 1024).toFixed(1)} KiB`,
        String(dialErrors),
      ];
      return [row];
    }),
  );
  return table(
    [
      "hosts",
      "provider",
      "`pulumi preview`",
      "without refresh",
      "preview / OpenSSH",
      "preview with settings for many hosts",
      "this / OpenSSH",
      "processor time",
      "without refresh",
      "with settings for many hosts",
      "peak memory",
      "state of a resource",
      "dial errors",
    ],
    rows,
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
      seconds(figures.dynamic.preview.cpuMs),
      exponent("cpuMs", figures, all[index - 1]),
      ...[figures.dynamic.withoutRefresh, figures.reading, figures.openssh].map(({ cpuMs }) => seconds(cpuMs)),
      ...toolNames.map((tool) => ofTool(figures, tool, ({ cpuMs }) => seconds(cpuMs))),
    ]),
  );
}

/** Shows which process takes the processor time, beside as many resources of a dynamic provider that does nothing. */
export function processTable(all: readonly FleetFigures[]): string {
  const rows = all.flatMap(({ hosts, dynamic, trivial }) => {
    const efforts = [trivial.withoutRefresh, dynamic.withoutRefresh, trivial.preview, dynamic.preview];
    const row = (what: string, of: (effort: CliEffort) => number) => [
      String(hosts),
      what,
      ...efforts.map((effort) => seconds(of(effort))),
    ];
    return [...roles.map((role) => row(role, ({ processes }) => processes[role])), row("all", ({ cpuMs }) => cpuMs)];
  });
  const providers = ["a trivial provider", "this package"];
  const columns = ["without refresh", "preview"].flatMap((run) => providers.map((provider) => `${provider}, ${run}`));
  return table(["hosts", "process", ...columns], rows);
}

/** Compares times with the other tools. */
export function othersTable(all: readonly FleetFigures[]): string {
  return table(
    ["hosts", "`pulumi preview`", "our ssh part alone", ...toolNames, ...toolNames.map((tool) => `preview / ${tool}`)],
    all.map((figures) => [
      String(figures.hosts),
      seconds(figures.dynamic.preview.ms),
      seconds(figures.reading.ms),
      ...toolNames.map((tool) => ofTool(figures, tool, ({ ms }) => seconds(ms))),
      ...toolNames.map((tool) => ofTool(figures, tool, ({ ms }) => ratio(figures.dynamic.preview.ms, ms))),
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
  const total = (of: keyof Effort) =>
    growthExponent(all.map(({ hosts, dynamic }) => [hosts, dynamic.preview[of]])).toFixed(2);
  const range = `from ${all[0]!.hosts} to ${all.at(-1)!.hosts} hosts`;
  return `Growth exponent of \`pulumi preview\` ${range}: ${total("ms")}; of its processor time: ${total("cpuMs")}`;
}

const exponent = (of: keyof Effort, figures: FleetFigures, fewer?: FleetFigures): string =>
  fewer
    ? growthExponent([
        [fewer.hosts, fewer.dynamic.preview[of]],
        [figures.hosts, figures.dynamic.preview[of]],
      ]).toFixed(2)
    : "-";

const growth = ({ hosts, dynamic: { preview } }: FleetFigures, fewer?: FleetFigures): string =>
  fewer ? `${Math.round((preview.ms - fewer.dynamic.preview.ms) / (hosts - fewer.hosts))} ms` : "-";
