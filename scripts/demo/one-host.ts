import { join } from "node:path";
import type { LabHost } from "../../test/lab";
import { up } from "../../test/lab";
import { driverPackage } from "../../test/lab/driver/package";
import { Project } from "./project";
import { announce, onHost } from "./show";

const version = "550.163.02";

/** Shows how the real `pulumi up` turns a bare lab host into a vGPU host and repairs drift, and how `destroy` restores the host. */
export async function oneHost(atEnd: (undo: () => Promise<void>) => void): Promise<void> {
  announce(
    "Starting a lab host: a QEMU guest with a stand-in A40 and a stand-in driver (no NVIDIA code; see test/lab/README.md).",
  );
  const project = new Project(join(__dirname, "..", "..", "examples", "one-host"), "demo");
  atEnd(async () => project.remove());
  const lab = await up({ cards: "A40", state: "bare" });
  atEnd(() => lab.down());

  announce("A bare host: an A40 on nouveau, no compiler, no NVIDIA software.");
  await onHost("gpu01", lab, "lspci -nnk -d 10de:");
  await configureOneHost(project, lab, "uninstall");

  announce("What would `up` do? A preview changes nothing.");
  await project.pulumi("preview --diff");

  announce("From bare Linux to four vGPUs: compiler, headers, nouveau off, driver, reboots, virtual functions, vGPUs.");
  await project.pulumi("up --yes --skip-preview");
  await onHost("gpu01", lab, "nvidia-smi vgpu; ls -l /sys/bus/mdev/devices");

  announce(
    "A vGPU is removed by hand. The preview finds it: Pulumi exits with 7 if there are changes where none are expected.",
  );
  await onHost("gpu01", lab, "echo 1 > $(ls -d /sys/bus/mdev/devices/* | head -n 1)/remove");
  await project.pulumi("preview --diff --expect-no-changes", [7]);
  await project.pulumi("up --yes --skip-preview");
  await project.pulumi("preview --expect-no-changes");

  announce("`destroy` restores the host as it was.");
  await project.pulumi("destroy --yes --skip-preview");
  await onHost("gpu01", lab, "lspci -nnk -d 10de:; ls /usr/bin/nvidia-smi", [0, 2]);
}

/** Configures examples/one-host for a lab host with an A40. */
export async function configureOneHost(project: Project, lab: LabHost, onDelete: "uninstall" | "keep"): Promise<void> {
  await project.init();
  const values: [string, string][] = [
    ["host", lab.address],
    ["port", String(lab.port)],
    ["user", "ops"],
    ["privateKeyPath", lab.keyPath],
    ["knownHosts", lab.knownHostsPath],
    ["package", await driverPackage(version)],
    ["onDelete", onDelete],
  ];
  await project.configure("set-all", ...values.flatMap(([key, value]) => ["--path", "--plaintext", `${key}=${value}`]));
  await project.configure("set", "--path", 'vgpus["A40-12Q"]', "4");
}
