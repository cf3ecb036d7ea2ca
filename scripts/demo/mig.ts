import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LabHost } from "../../test/lab";
import { up } from "../../test/lab";
import { migCards, migVendorCards } from "../../test/lab/cards/sets";
import { Project } from "./project";
import { announce, onHost, run, show } from "./show";

interface Wanted {
  mig: boolean;
  a100: Record<string, number>;
  rtx: Record<string, number>;
}

/** Shows MIG-backed vGPUs on two lab hosts: an A100 with mdev, and an RTX PRO 6000 with type files. */
export async function mig(atEnd: (undo: () => Promise<void>) => void): Promise<void> {
  announce(
    "Starting two lab hosts that have their driver: QEMU guests, one with a stand-in A100, one with a stand-in RTX PRO 6000 (no NVIDIA code; see test/lab/README.md).",
  );
  const project = new Project(join(__dirname, "..", "..", "examples", "mig"), "demo");
  atEnd(async () => project.remove());
  const a100 = await up({ cards: migCards, state: "ready" });
  atEnd(() => a100.down());
  const rtx = await up({ cards: migVendorCards, state: "ready", driver: "580.105.06" });
  atEnd(() => rtx.down());
  const folder = mkdtempSync(join(tmpdir(), "vgpu-hosts-"));
  atEnd(async () => rmSync(folder, { recursive: true }));
  const file = join(folder, "hosts.json");
  const declare = (wanted: Wanted) => {
    writeFileSync(file, declaration(a100, rtx, wanted));
    return show("cat hosts.json", () => run("cat", [file], process.env));
  };
  const gpus = async () => {
    await onHost("a100", a100, "nvidia-smi mig -i 0000:c4:00.0 -lgi; ls /sys/bus/mdev/devices", [0]);
    await onHost(
      "rtx",
      rtx,
      'nvidia-smi mig -lgi; grep -H . /sys/bus/pci/devices/*/nvidia/current_vgpu_type | grep -v ":0$"',
      [0, 1],
    );
  };

  await project.init();
  await project.configure("set", "hosts", file);
  announce("MIG mode and virtual functions are off. One up turns both on, divides the GPUs, and creates the vGPUs.");
  await declare({ mig: true, a100: { "A100-1-5C": 4 }, rtx: { "DC-1-24Q": 4 } });
  await project.pulumi("up --yes --skip-preview");
  await gpus();

  announce("Another division, in one up: what fits stays, what is free and blocking is destroyed.");
  await declare({
    mig: true,
    a100: { "A100-2-10C": 2, "A100-3-20C": 1 },
    rtx: { "DC-1-24Q": 2, "DC-2-24Q": 2 },
  });
  await project.pulumi("preview --diff");
  await project.pulumi("up --yes --skip-preview");
  await gpus();

  announce("By hand, a vGPU and its GPU instance are destroyed. The preview finds it, and one up repairs it.");
  await onHost(
    "rtx",
    rtx,
    `gi=$(nvidia-smi mig -lgi | awk "/MIG 2g/ { print \\$6; exit }"); cd /sys/bus/pci/devices
for vf in $(grep -lsx $gi 0000:c4:*/nvidia/gpu_instance_id); do echo 0 > \${vf%/*}/current_vgpu_type; done
nvidia-smi mig -gi $gi -dci && nvidia-smi mig -gi $gi -dgi`,
  );
  await project.pulumi("preview --diff --expect-no-changes", [7]);
  await project.pulumi("up --yes --skip-preview");
  await project.pulumi("preview --expect-no-changes");

  announce("Back to time-sliced vGPUs.");
  await declare({ mig: false, a100: { "A100-10C": 4 }, rtx: { "DC-24Q": 4 } });
  await project.pulumi("preview --diff");
  await project.pulumi("up --yes --skip-preview");

  announce("`destroy` removes the vGPUs and disables the virtual functions.");
  await project.pulumi("destroy --yes --skip-preview");
  await onHost(
    "a100",
    a100,
    "nvidia-smi -i 0000:c4:00.0 --query-gpu=mig.mode.current --format=csv,noheader; ls /sys/bus/mdev/devices",
  );
}

const connectionTo = ({ address, port, keyPath, knownHostsPath }: LabHost) => ({
  host: address,
  port,
  user: "ops",
  privateKeyPath: keyPath,
  knownHosts: knownHostsPath,
});

/** Returns the hosts as the program of the example reads them. */
function declaration(a100: LabHost, rtx: LabHost, { mig, ...vgpus }: Wanted): string {
  const hosts = {
    a100: { connection: connectionTo(a100), model: "A100", mig, vgpus: vgpus.a100 },
    rtx: { connection: connectionTo(rtx), model: "Server Edition", mig, vgpus: vgpus.rtx },
  };
  return `${JSON.stringify(hosts, null, 2)}\n`;
}
