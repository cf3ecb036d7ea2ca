import { Command, InvalidArgumentError } from "commander";
import { Endings } from "./endings";
import { Fleet } from "./fleet/fleet";
import { fleetTable } from "./fleet/in-words";
import { whyNoLightHosts } from "./fleet/light-hosts";
import { hostTable } from "./host/in-words";
import { cards, OneHost } from "./host/one-host";
import { say, surroundings } from "./report";

const defaults = { vgpus: [16, 64, 128], hosts: [10, 50, 200], rounds: 3 };

const program = new Command("npm run bench --").description(
  "Measures, and prints tables in Markdown on stdout. Without a part: both.",
);
program.action(async () => {
  asLightHostsNeed(); // not only when the first part is over
  await host(defaults);
  await fleet(defaults);
});
program
  .command("host")
  .description("one lab host: what a preview and creates cost it, beside OpenSSH")
  .option("--vgpus <numbers>", "how many to create, as many on each card", spread, defaults.vgpus)
  .action(host);
program
  .command("fleet")
  .description("many light hosts at a distance of 20 ms; as root")
  .option("--hosts <numbers>", "how many", numbers, defaults.hosts)
  .option("--rounds <number>", "of which the median counts", number, defaults.rounds)
  .action(fleet);

function number(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("These are numbers above 0.");
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
    throw new InvalidArgumentError(`They are spread evenly over ${cards} cards.`);
  return counts;
}

async function host({ vgpus }: { vgpus: number[] }): Promise<void> {
  const where = surroundings();
  await Endings.after(async (endings) => {
    const all = await (await OneHost.start(endings)).measure(vgpus);
    console.log(`${where}; \`npm run bench -- host --vgpus ${vgpus.join(",")}\`\n\n${hostTable(all)}`);
  });
}

async function fleet({ hosts, rounds }: { hosts: number[]; rounds: number }): Promise<void> {
  asLightHostsNeed();
  const where = surroundings();
  await Endings.after(async (endings) => {
    const all = [];
    say(`starting ${hosts.at(-1)} light hosts`);
    const fleet = await Fleet.start(hosts.at(-1)!, endings);
    for (const count of hosts) all.push(await fleet.measure(count, rounds));
    console.log(
      `${where}; \`npm run bench -- fleet --hosts ${hosts.join(",")} --rounds ${rounds}\`\n\n${fleetTable(all)}`,
    );
  });
}

function asLightHostsNeed(): void {
  const why = whyNoLightHosts();
  if (why) throw new Error(why);
}

program.parseAsync().catch((error: Error) => {
  say(error.message);
  process.exitCode = 1;
});
