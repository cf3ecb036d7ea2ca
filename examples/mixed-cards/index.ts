// One host with a Tesla T4, with vGPUs created on the GPU, and an A40, with vGPUs created on virtual functions.
//
//   pulumi config set host gpu02.example
//   pulumi config set version 550.163.02
import * as pulumi from "@pulumi/pulumi";
import { MdevVgpu, SriovEnablement, VgpuLayout, VgpuManagerInstall } from "pulumi-nvidia-vgpu";

const config = new pulumi.Config();

// No package is given, so nothing is installed: this version must already be on the host.
const driver = new VgpuManagerInstall("driver", {
  connection: {
    host: config.require("host"),
    port: config.getNumber("port"),
    user: config.get("user"),
    privateKeyPath: config.get("privateKeyPath"),
    knownHosts: config.get("knownHosts"),
  },
  version: config.require("version"),
});

// "all" skips the T4, which does not use virtual functions, and prints a note.
const sriov = new SriovEnablement("sriov", { on: driver, gpus: "all" });

// All vGPUs of a GPU in one resource: counts, and one with its own name and virtual function.
const layout = new VgpuLayout("a40", {
  on: sriov,
  gpu: { model: "A40" },
  vgpus: { "A40-8Q": 3 },
  named: { "cad-01": { type: "A40-8Q", virtualFunction: 7 } },
});

// One vGPU for one virtual machine.
const desktop = new MdevVgpu("desktop", {
  on: driver,
  gpu: { model: "Tesla T4" },
  type: "T4-4Q",
  parameters: "frame_rate_limiter=0",
});

/** The element for the domain of the virtual machine. */
export const hostdev = desktop.hostdevXml;
export const cad01 = layout.instances.apply((vgpus) => vgpus["cad-01"]?.parentAddress);
