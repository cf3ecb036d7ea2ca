// npm run demo: a bare lab host becomes a vGPU host by the real `pulumi up`, drifts, is repaired and is put back as it was found.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pulumiFolder } from "../test/engine/stack";
import { up, type LabHost } from "../test/lab";
import { driverPackage } from "../test/lab/driver/package";

const version = "550.163.02";
const started = Date.now();
const folder = mkdtempSync(join(tmpdir(), "vgpu-demo-"));
const example = join(__dirname, "..", "examples", "one-host");

const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(0)} s`;
const tell = (text: string) => console.log(`\n\u001b[1m${text}\u001b[0m\n`);

/** Shows a command, runs it with its output on the terminal, and says how long it took. */
async function show(command: string, run: () => Promise<number | null>, expected = [0]): Promise<void> {
  console.log(`\u001b[36m$ ${command}\u001b[0m`);
  const since = Date.now();
  const code = await run();
  console.log(`\u001b[2m(${seconds(since)}, exit code ${code})\u001b[0m`);
  if (!expected.includes(code ?? -1)) throw new Error(`\`${command}\` ended with ${code}`);
}

function pulumi(words: string, expected?: number[]): Promise<void> {
  const args = ["--cwd", example, "--stack", "demo", "--config-file", join(folder, "Pulumi.demo.yaml"), "--non-interactive", ...words.split(" ")];
  return show(`pulumi ${words}`, () => run("pulumi", args), expected);
}

async function quietly(...args: string[]): Promise<void> {
  const where = ["--cwd", example, "--non-interactive"];
  const code = await run("pulumi", [...where, ...args], "ignored");
  if (code !== 0) throw new Error(`\`pulumi ${args.join(" ")}\` ended with ${code}`);
}

function run(program: string, args: string[], stdout: "shown" | "ignored" = "shown"): Promise<number | null> {
  const env = {
    ...process.env,
    PATH: `${pulumiFolder()}:${process.env.PATH}`,
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${folder}/state`,
    PULUMI_CONFIG_PASSPHRASE: "demo",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] }).once("error", reject).once("close", resolve);
    // Without a terminal Pulumi prints a line of dots for each second.
    const lines = createInterface(child.stdout);
    lines.on("line", (line) => stdout === "shown" && !/^@ \w+/.test(line) && console.log(line));
  });
}

const onHost = (lab: LabHost, command: string, expected?: number[]) =>
  show(`ssh gpu01 '${command}'`, async () => {
    const { code, stdout, stderr } = await lab.sh(command);
    process.stdout.write(stdout + stderr);
    return code;
  }, expected);

async function configure(lab: LabHost): Promise<void> {
  mkdirSync(join(folder, "state"));
  await quietly("stack", "init", "demo");
  const settings: [string, string][] = [
    ["host", lab.address], ["port", String(lab.port)], ["user", "ops"], ["privateKeyPath", lab.keyPath], ["knownHosts", lab.knownHostsPath],
    ["package", await driverPackage(version)], ["onDelete", "uninstall"],
  ];
  const place = ["--stack", "demo", "--config-file", join(folder, "Pulumi.demo.yaml")];
  const words = [...settings.flatMap(([key, value]) => ["--path", "--plaintext", `${key}=${value}`])];
  await quietly("config", "set-all", ...words, ...place);
  await quietly("config", "set", "--path", 'vgpus["A40-12Q"]', "4", ...place);
}

async function demo(lab: LabHost): Promise<void> {
  tell("A host as it comes: an A40 on nouveau, no compiler, no NVIDIA software.");
  await onHost(lab, "lspci -nnk -d 10de:");
  await configure(lab);

  tell("What would be done? Nothing is touched.");
  await pulumi("preview --diff");

  tell("From bare Linux to four vGPUs: compiler, headers, nouveau off, driver, reboots, virtual functions, vGPUs.");
  await pulumi("up --yes --skip-preview");
  await onHost(lab, "nvidia-smi vgpu; ls -l /sys/bus/mdev/devices");

  tell("Somebody removes a vGPU by hand. The preview finds it: exit code 7 is Pulumi's word for changes where none are expected.");
  await onHost(lab, "echo 1 > $(ls -d /sys/bus/mdev/devices/* | head -n 1)/remove");
  await pulumi("preview --diff --expect-no-changes", [7]);
  await pulumi("up --yes --skip-preview");
  await pulumi("preview --expect-no-changes");

  tell("And everything back as it was found.");
  await pulumi("destroy --yes --skip-preview");
  await onHost(lab, "lspci -nnk -d 10de:; ls /usr/bin/nvidia-smi", [0, 2]);
}

async function main(): Promise<void> {
  tell("Starting a lab host: a QEMU guest with a stand-in A40 and a stand-in driver (no NVIDIA code; see test/lab/README.md).");
  const lab = await up({ cards: "A40", state: "bare" });
  const end = async () => {
    await lab.down();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("SIGINT", () => void end().then(() => process.exit(130)));
  try {
    await demo(lab);
    tell(`Done in ${seconds(started)}.`);
  } finally {
    await end();
  }
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
