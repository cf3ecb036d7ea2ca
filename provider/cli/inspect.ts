import { parseFleet } from "../fleet";
import { desiredHosts } from "../fleet/resolve";
import type { Inspected } from "../host/inspect";
import { inspectHosts } from "../host/inspect";
import { UserError } from "../model/errors";
import type { HostFacts } from "../model/facts/host-facts";
import { driftText } from "../report";
import { asFleet } from "./as-fleet/as-fleet";
import { factTables } from "./facts/tables";
import type { CliIo, ExitCode } from "./io";
import { escapeControls, exitCode, exitCodeOf, hostCounter } from "./io";
import type { LoginFlags, Target } from "./targets";
import { targetsFromFleet, targetsFromNames } from "./targets";

export interface InspectFlags extends LoginFlags {
  fleet?: string;
  host?: string[];
  concurrency?: number;
  json?: boolean;
  asFleet?: boolean;
}

type ReachedHost = Target & { facts: HostFacts };

/** Prints the facts of hosts as tables, as JSON, or as a fleet file that describes them. */
export async function inspect(names: readonly string[], flags: InspectFlags, io: CliIo): Promise<ExitCode> {
  const { targets, skipped } = selectTargets(names, flags);
  const { count, done } = hostCounter(io, targets.length);
  const inspected = await inspectHosts(targets, {
    maxConnections: flags.concurrency,
    factsAt: io.factsAt,
    onHost: count,
  }).finally(done);
  const hosts = inspected.flatMap((one) => ("facts" in one ? [one] : []));
  const unreachable = inspected.flatMap((one) => ("away" in one ? [one] : []));
  for (const { name, maintenance } of skipped) io.err(`${name} in maintenance: ${maintenance}\n`);
  for (const { name, away: reason } of unreachable) io.err(`${name} unreachable: ${escapeControls(reason)}\n`);
  const code = flags.asFleet ? await writeFleet(hosts, io) : printFacts(inspected, hosts, flags, io);
  return unreachable.length > 0 ? exitCode.error : code;
}

function selectTargets(
  names: readonly string[],
  { fleet, host, ...login }: InspectFlags,
): ReturnType<typeof targetsFromFleet> {
  if (fleet === undefined && names.length > 0) return { targets: targetsFromNames(names, login), skipped: [] };
  if (fleet !== undefined && names.length === 0) return targetsFromFleet(fleet, host);
  throw new UserError({
    action: "inspect hosts",
    cause: names.length ? "both hosts and a fleet file are given" : "no host is given",
    hint: "Name hosts, or a file with --fleet",
  });
}

function printFacts(
  inspected: readonly Inspected<Target>[],
  hosts: readonly ReachedHost[],
  { json }: InspectFlags,
  io: CliIo,
): ExitCode {
  const entries = inspected.map((one) => [one.name, "facts" in one ? one.facts : { unreachable: one.away }]);
  if (json) io.out(`${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
  else io.out(hosts.map(({ name, facts }) => `${escapeControls(factTables(name, facts))}\n`).join("\n"));
  return exitCode.ok;
}

/** Prints the fleet file, and on stderr what a plan for it would still change: problems that no file can express. */
async function writeFleet(hosts: readonly ReachedHost[], io: CliIo): Promise<ExitCode> {
  if (hosts.length === 0) return exitCode.error;
  const text = asFleet(hosts.map(({ name, declaredConnection: connection, facts }) => ({ name, connection, facts })));
  io.out(text);
  const factsOf = new Map(hosts.map(({ name, facts }) => [name, facts]));
  const desired = desiredHosts(parseFleet(text, "the fleet file"));
  const byConnection = new Map(desired.map(({ connection, host }) => [connection, factsOf.get(host)!]));
  const previews = await io.previewHosts(desired, { factsAt: async (connection) => byConnection.get(connection)! });
  const code = exitCodeOf(previews);
  if (code !== exitCode.ok) io.err(`${escapeControls(driftText(previews))}\n`);
  return code;
}
