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

/** What hosts are like now: for people, for programs, or as the fleet file that describes them. */
export async function inspect(words: readonly string[], flags: InspectFlags, world: CliIo): Promise<ExitCode> {
  const { targets, leftAlone } = selectTargets(words, flags);
  const { seen, done } = hostCounter(world, targets.length);
  const inspected = await inspectHosts(targets, {
    maxConnections: flags.concurrency,
    factsAt: world.factsAt,
    onHost: seen,
  }).finally(done);
  const hosts = inspected.flatMap((one) => ("facts" in one ? [one] : []));
  const away = inspected.flatMap((one) => ("away" in one ? [one] : []));
  for (const { name, maintenance } of leftAlone) world.err(`${name}: maintenance (${maintenance})\n`);
  for (const one of away) world.err(`${one.name} away: ${escapeControls(one.away)}\n`);
  const code = flags.asFleet ? await writeFleet(hosts, world) : printFacts(inspected, hosts, flags, world);
  return away.length > 0 ? exitCode.error : code;
}

function selectTargets(
  words: readonly string[],
  { fleet, host, ...login }: InspectFlags,
): ReturnType<typeof targetsFromFleet> {
  if (fleet === undefined && words.length > 0) return { targets: targetsFromNames(words, login), leftAlone: [] };
  if (fleet !== undefined && words.length === 0) return targetsFromFleet(fleet, host);
  throw new UserError({
    action: "inspect hosts",
    cause: words.length ? "hosts and a fleet file are given" : "no host is given",
    hint: "Name hosts, or a file with --fleet",
  });
}

function printFacts(
  inspected: readonly Inspected<Target>[],
  hosts: readonly ReachedHost[],
  { json }: InspectFlags,
  world: CliIo,
): ExitCode {
  const entries = inspected.map((one) => [one.name, "facts" in one ? one.facts : { away: one.away }]);
  if (json) world.out(`${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
  else world.out(hosts.map(({ name, facts }) => `${escapeControls(factTables(name, facts))}\n`).join("\n"));
  return exitCode.ok;
}

/** The file itself, and on stderr what a plan for it would do all the same: what is not in order on a host cannot be described away. */
async function writeFleet(hosts: readonly ReachedHost[], world: CliIo): Promise<ExitCode> {
  if (hosts.length === 0) return exitCode.error;
  const text = asFleet(hosts.map(({ name, declaredConnection: connection, facts }) => ({ name, connection, facts })));
  world.out(text);
  const known = new Map(hosts.map(({ name, facts }) => [name, facts]));
  const wanted = desiredHosts(parseFleet(text, "the fleet file"));
  const byConnection = new Map(wanted.map(({ connection, host }) => [connection, known.get(host)!]));
  const outlooks = await world.previewHosts(wanted, { factsAt: async (connection) => byConnection.get(connection)! });
  const code = exitCodeOf(outlooks);
  if (code !== exitCode.ok) world.err(`${escapeControls(driftText(outlooks))}\n`);
  return code;
}
