import { Command, InvalidArgumentError, Option } from "commander";
import { packageVersion } from "../model/read-text";
import { installedProbe } from "../probe";
import type { InspectFlags } from "./inspect";
import { inspect } from "./inspect";
import type { CliIo, ExitCode } from "./io";
import { exitCode } from "./io";
import type { PreviewFlags } from "./preview-fleet";
import { drift, plan } from "./preview-fleet";
import type { ShowFlags } from "./show";
import { show } from "./show";
import { summary } from "./summary/summary";

const host = () =>
  new Option(
    "--host <names>",
    "Use only these hosts: names or ranges such as gpu[01-08], separated by commas, or the option several times",
  ).argParser(listOf);
const concurrency = () =>
  new Option("--concurrency <n>", "Maximum number of concurrent logins (default: 16)").argParser(positiveInteger);
const example = (args: string) => `\nExample:\n  pulumi-nvidia-vgpu ${args}`;

/** Defines the commands. None of them changes a host. `onExit` receives the exit code. */
export function program(io: CliIo, onExit: (code: ExitCode) => void): Command {
  const cli = new Command("pulumi-nvidia-vgpu")
    .description("Inspect hosts with NVIDIA vGPUs, and preview what pulumi up would do. No command changes a host.")
    .addHelpText("afterAll", "\nExit codes: 0 no changes, 1 error, 2 changes or drift found.")
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err });

  cli
    .command("inspect [hosts...]")
    .description(
      "Show driver, GPUs and vGPUs of hosts. A host is [user@]name[:port], or a range such as gpu[01-08].example",
    )
    .option("--fleet <file>", "Inspect the hosts of a fleet file, with its connections")
    .addOption(host())
    .option("--user <name>", "Login name (default: root)")
    .addOption(new Option("--port <n>", "Port of the ssh server (default: 22)").argParser(positiveInteger))
    .option("--identity-file <path>", "Private key (default: keys of the ssh agent)")
    .option("--known-hosts <source>", "A known_hosts file, accept-new, or off (default: ~/.ssh/known_hosts)")
    .option("--sudo", "Use passwordless sudo (default for non-root users)")
    .option("--sudo-password <source>", "Read the sudo password from env:NAME or file:PATH")
    .option("--read-only", "Do not try to become root; facts that only root can read are unknown")
    .option("--jump <hosts>", "Connect through jump hosts: [user@]name[:port], separated by commas")
    .addOption(concurrency())
    .addOption(new Option("--json", "Output all facts as JSON").conflicts("asFleet"))
    .option("--as-fleet", "Output a fleet file that describes the current state of the hosts")
    .addHelpText("after", example("inspect gpu[01-08].example --user ops"))
    .action(async (hosts: string[], flags: InspectFlags) => onExit(await inspect(hosts, flags, io)));

  for (const [name, command, description] of [
    ["plan", plan, "Show what pulumi up would do on the hosts of a fleet file, and why"],
    ["drift", drift, "Show how hosts differ from the fleet file"],
  ] as const) {
    cli
      .command(`${name} <file>`)
      .description(description)
      .addOption(host())
      .addOption(concurrency())
      .addOption(new Option("--json", "Output JSON").conflicts("markdown"))
      .option("--markdown", "Output Markdown for a pull-request comment")
      .addHelpText("after", example(`${name} fleet.yaml --host gpu[01-08].example`))
      .action(async (file: string, flags: PreviewFlags) => onExit(await command(file, flags, io)));
  }

  cli
    .command("show <file>")
    .description("Show the merged settings of a host in a fleet file: defaults, group and overrides")
    .addOption(host().makeOptionMandatory())
    .addHelpText("after", example("show fleet.yaml --host gpu01.example"))
    .action((file: string, flags: ShowFlags) => onExit(show(file, flags, io)));

  cli
    .command("summary [preview]")
    .description("Format the output of pulumi preview --json as Markdown. Reads a file, or stdin")
    .addHelpText("after", "\nExample:\n  pulumi preview --json | pulumi-nvidia-vgpu summary")
    .action(async (file: string | undefined) => onExit(await summary(file, io)));

  cli
    .command("probe")
    .description("Print the probe as a program to install on hosts, for logins that only look (docs/ci.md)")
    .addHelpText("after", example("probe > probe"))
    .action(() => {
      io.out(installedProbe());
      onExit(exitCode.ok);
    });

  return cli;
}

/** Not commander's lists of words: they would take the file that follows as one more name. */
function listOf(text: string, before: string[] = []): string[] {
  // A comma between brackets is part of a range.
  const names = text.split(/,(?![^[]*\])/).filter(Boolean);
  // As of an unset variable in a script: no host would be compared, and none would differ.
  if (names.length === 0) throw new InvalidArgumentError("It names no host.");
  return [...before, ...names];
}

function positiveInteger(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 65_535)
    throw new InvalidArgumentError("Must be a whole number from 1 to 65535.");
  return number;
}
