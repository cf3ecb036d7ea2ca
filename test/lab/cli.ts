import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { LabHost } from ".";
import { attach, running, up } from ".";
import { driverPackage } from "./driver/package";
import { describeFaults, injectFault } from "./faults";
import { selftest } from "./selftest";

const usage = `usage: npm run lab -- COMMAND
  up [--name N] [--cards LIST] [--bare|--ready] [--driver VERSION] [--iommu on|off] [--json]
                         start a host; LIST is KEY[:option][@DDDD:BB],… (test/lab/cards/catalogue.csv)
  down [NAME|--all]      end a host and remove all its files
  list [--json]          list running hosts
  ssh [--name N] [CMD]   open a shell as root, or run one command
  console [--name N]     open the serial console; Ctrl-] leaves
  reset [--name N]       restore the state that the host was started from
  fault [--name N] NAME [ARGS]   inject a fault; without NAME list the faults
  package VERSION        build a driver package and print its path
  selftest               check the behaviours of test/lab/README.md, and print the table

The default name of a host is "lab". Exit codes: 0 success, 1 error, 2 unknown command; ssh: that of the command.`;

const sshOptions = (lab: LabHost): string[] => [
  "-i",
  lab.keyPath,
  "-p",
  String(lab.port),
  "-o",
  "IdentitiesOnly=yes",
  "-o",
  `UserKnownHostsFile=${lab.knownHostsPath}`,
  "-o",
  "GlobalKnownHostsFile=/dev/null",
  "-o",
  "StrictHostKeyChecking=yes",
  "-o",
  "LogLevel=ERROR",
];

const report = (lab: LabHost): Record<string, string | number> => ({
  name: lab.name,
  address: lab.address,
  port: lab.port,
  user: "root",
  key: lab.keyPath,
  knownHosts: lab.knownHostsPath,
  cards: lab.details.cards,
  state: lab.details.state,
});

function printHost(lab: LabHost, json: boolean): void {
  if (json) return console.log(JSON.stringify(report(lab)));
  for (const [key, value] of Object.entries(report(lab))) console.log(`${key.padEnd(11)} ${value}`);
  console.log(`log in with  ssh ${sshOptions(lab).join(" ")} root@${lab.address}`);
}

function listHosts(json: boolean): void {
  const hosts = running();
  if (json) return console.log(JSON.stringify(hosts));
  if (!hosts.length) return console.log("no lab host is up");
  for (const h of hosts)
    console.log(
      `${h.name.padEnd(12)} ${h.address}:${h.port}  ${h.state.padEnd(18)} ${h.cards}  pid ${h.pid}, since ${h.startedAt}`,
    );
}

/** Connects this terminal with the guest's serial line, until Ctrl-]. */
async function openConsole(lab: LabHost): Promise<void> {
  const socket = connect(join(lab.details.folder, "console.sock"));
  process.stdin.setRawMode?.(true);
  process.stdin.on("data", (data: Buffer) => (data.includes(0x1d) ? socket.end() : socket.write(data)));
  socket.pipe(process.stdout);
  await new Promise<void>((resolve, reject) => socket.once("close", () => resolve()).once("error", reject));
  process.stdin.setRawMode?.(false);
  process.stdin.pause();
}

function ssh(lab: LabHost, command: string[]): number {
  const args = [...sshOptions(lab), `root@${lab.address}`, ...command];
  return spawnSync("ssh", args, { stdio: "inherit" }).status ?? 255;
}

async function main(argv: string[]): Promise<number> {
  // Its options are vitest's.
  if (argv[0] === "selftest" && !argv.includes("--help")) return selftest(argv.slice(1));
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      name: { type: "string", default: "lab" },
      cards: { type: "string" },
      bare: { type: "boolean" },
      ready: { type: "boolean" },
      driver: { type: "string" },
      iommu: { type: "string" },
      json: { type: "boolean", default: false },
      all: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [command, ...rest] = positionals;
  if (values.help || command === undefined || command === "help") {
    console.log(usage);
    return 0;
  }
  switch (command) {
    case "up": {
      if (values.bare && values.ready) throw new Error("--bare and --ready exclude each other");
      if (values.iommu && values.iommu !== "on" && values.iommu !== "off") throw new Error("--iommu must be on or off");
      const state = values.ready || values.driver ? "ready" : "bare";
      const lab = await up({
        name: values.name,
        cards: values.cards,
        state,
        driver: values.driver,
        iommu: values.iommu as "on" | "off" | undefined,
        owner: 0,
      });
      printHost(lab, values.json);
      return 0;
    }
    case "down": {
      const names = values.all ? running().map((host) => host.name) : [rest[0] ?? values.name];
      for (const name of names) await attach(name).down();
      return 0;
    }
    case "list":
      listHosts(values.json);
      return 0;
    case "ssh":
      return ssh(attach(values.name), rest);
    case "console":
      await openConsole(attach(values.name));
      return 0;
    case "reset":
      await attach(values.name).reset();
      return 0;
    case "fault":
      if (!rest.length) console.log(describeFaults());
      else await injectFault(attach(values.name), rest[0]!, ...rest.slice(1));
      return 0;
    case "package":
      console.log(await driverPackage(rest[0] ?? ""));
      return 0;
    default:
      console.error(`lab: there is no command "${command}"\n\n${usage}`);
      return 2;
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: Error) => {
    console.error(`lab: ${error.message}`);
    process.exit(1);
  },
);
