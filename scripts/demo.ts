import { fleet } from "./demo/fleet";
import { mig } from "./demo/mig";
import { oneHost } from "./demo/one-host";
import { reboot } from "./demo/reboot";
import { announceEnd } from "./demo/show";

const demonstrations: Record<string, typeof oneHost> = { "one-host": oneHost, fleet, reboot, mig };

const usage = `usage: npm run demo [-- NAME]
  one-host   takes a bare lab host to vGPUs, repairs drift, and restores the host as it was (default)
  fleet      manages two bare lab hosts with different cards, declared in one file
  reboot     cuts the power of a lab host, which has its vGPUs again after the boot
  mig        divides an A100 and an RTX PRO 6000 of two lab hosts into MIG-backed vGPUs, and back

Exit codes: 0 success, 1 error.`;

async function main([name = "one-host"]: string[]): Promise<void> {
  if (["--help", "-h", "help"].includes(name)) return console.log(usage);
  const started = Date.now();
  const demonstrate = demonstrations[name];
  if (!demonstrate) throw new Error(`There is no demonstration "${name}".\n\n${usage}`);
  const undoing: (() => Promise<void>)[] = [];
  const end = async () => {
    for (const undo of undoing.splice(0).reverse()) await undo();
  };
  process.once("SIGINT", () => void end().then(() => process.exit(130)));
  try {
    await demonstrate((undo) => undoing.push(undo));
    announceEnd(started);
  } finally {
    await end();
  }
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
