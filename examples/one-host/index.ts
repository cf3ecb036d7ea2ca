// One host, from bare Linux to running vGPUs. What differs between hosts comes from the stack's configuration:
//
//   pulumi config set host gpu01.example
//   pulumi config set package ./NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run
//   pulumi config set --path 'vgpus["A40-12Q"]' 4
import * as pulumi from "@pulumi/pulumi";
import { SriovEnablement, VgpuLayout, VgpuManagerInstall } from "pulumi-nvidia-vgpu";

const config = new pulumi.Config();

const driver = new VgpuManagerInstall("driver", {
  connection: {
    host: config.require("host"),
    port: config.getNumber("port"),
    user: config.get("user"),
    privateKeyPath: config.get("privateKeyPath"),
    knownHosts: config.get("knownHosts"),
  },
  package: config.require("package"),
  reboot: "whenIdle",
  onDelete: config.get<"keep" | "uninstall">("onDelete"),
});

const sriov = new SriovEnablement("sriov", {
  on: driver,
  gpus: [{ model: config.get("model") ?? "A40" }],
  onDelete: config.get("onDelete") === "uninstall" ? "disable" : "keep",
});

const layout = new VgpuLayout("layout", {
  on: sriov,
  gpu: { model: config.get("model") ?? "A40" },
  vgpus: config.requireObject<Record<string, number>>("vgpus"),
});

export const loaded = driver.loadedVersion;
export const vgpus = layout.instances;
