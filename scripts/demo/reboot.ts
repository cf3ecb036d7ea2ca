import { join } from "node:path";
import { up } from "../../test/lab";
import { configureOneHost } from "./one-host";
import { Project } from "./project";
import { announce, onHost } from "./show";

/** Shows that a lab host that loses power has its virtual functions and vGPUs again before anybody connects. */
export async function reboot(atEnd: (undo: () => Promise<void>) => void): Promise<void> {
  announce("Starting a lab host: a QEMU guest with a stand-in A40, and the driver installed.");
  const project = new Project(join(__dirname, "..", "..", "examples", "one-host"), "demo");
  atEnd(async () => project.remove());
  const lab = await up({ cards: "A40", state: "ready" });
  atEnd(() => lab.down());
  await configureOneHost(project, lab, "keep");

  announce("Four vGPUs, and what brings them back after a reboot.");
  await project.pulumi("up --yes --skip-preview");
  await onHost("gpu01", lab, "ls /sys/bus/mdev/devices; head -n 20 /etc/nvidia-vgpu/gpus/*");

  announce("The host loses power, and boots with nobody connected.");
  await lab.powerCut();
  await onHost(
    "gpu01",
    lab,
    "uptime; ls /sys/bus/mdev/devices; journalctl -b -u nvidia-vgpu-restore -o cat --no-pager",
  );

  announce("Nothing is left for `up`.");
  await project.pulumi("preview --refresh --expect-no-changes");
  await project.pulumi("destroy --yes --skip-preview");
}
