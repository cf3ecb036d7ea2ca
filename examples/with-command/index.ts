// Together with @pulumi/command: one connection object for both packages, and guests shut down before the driver is changed.
//
//   pulumi config set host gpu03.example
//   pulumi config set --secret privateKey < ~/.ssh/id_ed25519
//   pulumi config set package ./NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run
import type { types } from "@pulumi/command";
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { SriovEnablement, VgpuManagerInstall } from "pulumi-nvidia-vgpu";

const config = new pulumi.Config();

const connection: types.input.remote.ConnectionArgs = {
  host: config.require("host"),
  user: "root",
  privateKey: config.requireSecret("privateKey"),
  hostKey: config.get("hostKey"),
};

const packageFile = config.require("package");

// Runs again when the package changes. If a guest still runs then, the driver's own check stops with an error.
const drained = new remote.Command("drained", {
  connection,
  triggers: [packageFile],
  create:
    'virsh list --name | xargs -r -n 1 virsh shutdown; for i in $(seq 60); do [ -z "$(virsh list --name)" ] && exit; sleep 2; done; exit 1',
});

const driver = new VgpuManagerInstall(
  "driver",
  { connection, package: packageFile, reboot: "whenIdle" },
  { dependsOn: [drained] },
);

export const sriov = new SriovEnablement("sriov", { on: driver, gpus: "all" }).enabledGpus;
