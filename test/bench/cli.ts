import { Command, InvalidArgumentError } from "commander";
import { Cleanup } from "./cleanup";
import { Fleet } from "./fleet/fleet";
import { whyNoLightHosts } from "./fleet/light-hosts";
import { OtherTools } from "./fleet/others/other-tools";
import { startSentence } from "./fleet/start";
import { fleetTable, growthSentence, nativeTable, othersTable, processorTable, processTable } from "./fleet/table";
import { cards, OneHost } from "./host/one-host";
import { hostTable } from "./host/table";
import { environment, printProgress } from "./report";

const defaults = { vgpus: [16, 64, 128], hosts: [10, 50, 200, 1000], rounds: 3, quick: false };

const program = new Command("npm run bench --").description(
  "Measure this package, and print Markdown tables on stdout. Without a command: both measurements",
);
program.action(async () => {
  expectLightHosts(); // before the first measurement, not after it
  await host(defaults);
  await fleet(defaults);
});
program
  .command("host")
  .description("Compare a preview and creates on one lab host with OpenSSH")
  .option("--vgpus <numbers>", "Numbers of vGPUs to create, multiples of the number of cards", spread, defaults.vgpus)
  .action(host);
program
  .command("fleet")
  .description("Preview many light hosts with a round trip of 20 ms; requires root")
  .option("--hosts <numbers>", "Numbers of hosts", numbers, defaults.hosts)
  .option("--rounds <number>", "Rounds, of which the table shows the median", number, defaults.rounds)
  .option("--quick", "Leave out the native plugin, pyinfra and Ansible", false)
  .action(fleet);

function number(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Must be numbers above 0.");
  return Number(text);
}

function numbers(text: string): number[] {
  return text
    .split(",")
    .map(number)
    .sort((a, b) => a - b);
}

function spread(text: string): number[] {
  const counts = numbers(text);
  if (counts.some((count) => count % cards))
    throw new InvalidArgumentError(`Must be multiples of ${cards}, the number of cards.`);
  return counts;
}

async function host({ vgpus }: { vgpus: number[] }): Promise<void> {
  const where = environment();
  await Cleanup.after(async (cleanup) => {
    const all = await (await OneHost.start(cleanup)).measure(vgpus);
    console.log(`${where}; \`npm run bench -- host --vgpus ${vgpus.join(",")}\`\n\n${hostTable(all)}`);
  });
}

async function fleet({ hosts, rounds, quick }: { hosts: number[]; rounds: number; quick: boolean }): Promise<void> {
  expectLightHosts();
  const where = environment();
  await Cleanup.after(async (cleanup) => {
    const all = [];
    printProgress(`starting ${hosts.at(-1)} light hosts`);
    const fleet = await Fleet.start(hosts.at(-1)!, cleanup, { isQuick: quick });
    for (const count of hosts) all.push(await fleet.measure(count, rounds));
    const command = `npm run bench -- fleet --hosts ${hosts.join(",")} --rounds ${rounds}${quick ? " --quick" : ""}`;
    console.log(`${where}${quick ? "" : `; ${OtherTools.versions}`}; \`${command}\``);
    const tables = [fleetTable, processorTable, processTable, ...(quick ? [] : [othersTable, nativeTable])];
    for (const table of tables) console.log(`\n${table(all)}`);
    if (!quick) console.log(`\n${await startSentence()}`);
    if (all.length > 1) console.log(`\n${growthSentence(all)}`);
  });
}

function expectLightHosts(): void {
  const why = whyNoLightHosts();
  if (why) throw new Error(why);
}

program.parseAsync().catch((error: Error) => {
  printProgress(error.message);
  process.exitCode = 1;
});
