// npm run demo            turns a bare lab host into a vGPU host, repairs drift, and restores the host as it was
// npm run demo -- fleet   manages two bare lab hosts with different cards, declared in one file
import { fleet } from "./demo/fleet";
import { oneHost } from "./demo/one-host";
import { announceEnd } from "./demo/show";

const demonstrations: Record<string, typeof oneHost> = { "one-host": oneHost, fleet };

async function main([name = "one-host"]: string[]): Promise<void> {
  const started = Date.now();
  const demonstrate = demonstrations[name];
  if (!demonstrate)
    throw new Error(`there is no demonstration "${name}"; choose one of ${Object.keys(demonstrations).join(", ")}`);
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
