import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { LabHost } from "../../test/lab";
import { up } from "../../test/lab";
import { driverPackage } from "../../test/lab/driver/package";
import { Project } from "./project";
import { announce, onHost, run, show } from "./show";

const root = join(__dirname, "..", "..");
const example = join(root, "examples", "fleet");
/** The addresses in lab.yaml. */
const addresses = ["127.77.0.1", "127.77.0.2"];
const versions = ["550.163.02", "580.105.06"];

/** Shows two bare lab hosts with different cards that are declared in one file: plan, waves, drift, repair. */
export async function fleet(atEnd: (undo: () => Promise<void>) => void): Promise<void> {
  announce(
    "Starting two lab hosts: QEMU guests with a stand-in A40 and a stand-in L40S (no NVIDIA code; see test/lab/README.md).",
  );
  const project = new Project(root, "lab");
  atEnd(async () => project.remove());
  const hosts: LabHost[] = [];
  for (const cards of ["A40", "L40S"]) {
    const lab = await up({ cards, state: "bare" });
    atEnd(() => lab.down());
    hosts.push(lab);
  }
  const [a40, l40s] = hosts as [LabHost, LabHost];
  await writeFiles(hosts);
  atEnd(async () => rmSync(join(example, ".lab"), { recursive: true, force: true }));

  announce("The fleet file. Pulumi.yaml, Pulumi.lab.yaml and this file are the whole deployment.");
  await shell("cat examples/fleet/lab.yaml", ["cat", join(example, "lab.yaml")]);
  await cli("show examples/fleet/lab.yaml --host l40s.lab");

  announce("What would `up` do on each host? Both hosts are new to Pulumi, so the preview inspects them, read-only.");
  await project.init();
  await project.pulumi("preview");

  announce("In two waves: the canary first, then the other.");
  await project.pulumi("up --yes --skip-preview");
  await onHost("a40.lab", a40, "nvidia-smi vgpu");
  await onHost("l40s.lab", l40s, "grep -H . /sys/bus/pci/devices/*/nvidia/current_vgpu_type | grep -v ':0$'");

  announce(
    "By hand, a vGPU is removed, and all virtual functions of the other host are disabled. One preview reports both.",
  );
  await onHost("a40.lab", a40, "echo 1 > $(ls -d /sys/bus/mdev/devices/* | head -n 1)/remove");
  await onHost("l40s.lab", l40s, "/usr/lib/nvidia/sriov-manage -d ALL");
  await project.pulumi("preview --expect-no-changes", [7]);
  await cli("drift examples/fleet/lab.yaml", [2]);

  announce("Repaired by one up.");
  await project.pulumi("up --yes --skip-preview");
  await project.pulumi("preview --expect-no-changes");
}

const shell = (shown: string, [program, ...args]: [string, ...string[]], expected?: number[]) =>
  show(shown, () => run(program, args, process.env), expected);

const cli = (words: string, expected?: number[]) =>
  shell(
    `npx pulumi-nvidia-vgpu ${words}`,
    [process.execPath, join(root, "dist/cli/main.js"), ...words.split(" ")],
    expected,
  );

/** Writes key, host keys and packages to the places in lab.yaml. */
async function writeFiles(hosts: readonly LabHost[]): Promise<void> {
  const found = hosts.map(({ address }) => address);
  if (found.join() !== addresses.join())
    throw new Error(
      `lab.yaml names ${addresses.join(" and ")}, but the hosts have ${found.join(" and ")}: end the other lab hosts with \`npm run lab -- down --all\``,
    );
  const folder = join(example, ".lab");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  copyFileSync(hosts[0]!.keyPath, join(folder, "key"));
  writeFileSync(
    join(folder, "known_hosts"),
    hosts.map(({ knownHostsPath }) => readFileSync(knownHostsPath, "utf8")).join(""),
  );
  for (const version of versions) {
    const file = await driverPackage(version);
    symlinkSync(file, join(folder, basename(file)));
  }
}
