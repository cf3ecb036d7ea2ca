import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import type { InspectFlags } from "./inspect";
import { inspect } from "./inspect";
import type { CliIo, ExitCode } from "./io";
import type { PreviewFlags } from "./preview-fleet";
import { drift, plan } from "./preview-fleet";
import type { ShowFlags } from "./show";
import { show } from "./show";
import { summary } from "./summary";

const host = () => new Option("--host <name...>", "only these hosts; ranges such as gpu[01-08] too");
const concurrency = () =>
  new Option("--concurrency <n>", "connections that are being opened at a time (default: 10)").argParser(atLeastOne);

/** The commands; none of them writes anything on a host. `ended` is told how one ended. */
export function program(world: CliIo, ended: (code: ExitCode) => void): Command {
  const cli = new Command("pulumi-nvidia-vgpu")
    .description("Looks at hosts with NVIDIA vGPUs, and tells what pulumi up would do there. It never changes one.")
    .addHelpText(
      "after",
      "\nEnds with 0 when all is well, 2 when something differs or is to be done, 1 after an error.",
    )
    .version(version())
    .exitOverride()
    .configureOutput({ writeOut: world.out, writeErr: world.err });

  cli
    .command("inspect [hosts...]")
    .description("what hosts are like: HOST is [user@]name[:port], or a range such as gpu[01-08].example")
    .option("--fleet <file>", "the hosts of a fleet file, reached as it says")
    .addOption(host())
    .option("--user <name>", "login name (default: root)")
    .addOption(new Option("--port <n>", "port of the ssh server (default: 22)").argParser(atLeastOne))
    .option("--identity-file <path>", "private key; without it, the ssh agent is asked")
    .option("--known-hosts <where>", "a known_hosts file, accept-new, or off (default: ~/.ssh/known_hosts)")
    .option("--sudo", "become root with sudo that asks for no password; so does every user but root")
    .option("--sudo-password <where>", "where the password that sudo asks for is kept: env:NAME or file:PATH")
    .option("--jump <hosts>", "jump hosts, [user@]name[:port], separated by commas")
    .addOption(concurrency())
    .addOption(new Option("--json", "all facts, by host").conflicts("asFleet"))
    .option("--as-fleet", "the fleet file that describes these hosts as they are")
    .action(async (hosts: string[], flags: InspectFlags) => ended(await inspect(hosts, flags, world)));

  for (const [name, verb, description] of [
    ["plan", plan, "what pulumi up would do on the hosts of a fleet file, and why"],
    ["drift", drift, "in what the hosts of a fleet file differ from it"],
  ] as const) {
    cli
      .command(`${name} <file>`)
      .description(description)
      .addOption(host())
      .addOption(concurrency())
      .addOption(new Option("--json", "for programs").conflicts("markdown"))
      .option("--markdown", "for a comment")
      .action(async (file: string, flags: PreviewFlags) => ended(await verb(file, flags, world)));
  }

  cli
    .command("show <file>")
    .description("what a fleet file says of a host, with defaults, group and overrides put together")
    .addOption(host().makeOptionMandatory())
    .action((file: string, flags: ShowFlags) => ended(show(file, flags, world)));

  cli
    .command("summary [preview]")
    .description("what pulumi preview --json found, as Markdown; from a file, or from stdin")
    .action(async (file: string | undefined) => ended(await summary(file, world)));

  return cli;
}

/** Two folders up, from where this is compiled as from where it is written. */
const version = (): string =>
  (JSON.parse(readFileSync(join(__dirname, "..", "..", "package.json"), "utf8")) as { version: string }).version;

function atLeastOne(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 65_535)
    throw new InvalidArgumentError("A whole number from 1 on is wanted.");
  return number;
}
