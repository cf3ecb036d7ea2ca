// A Tesla T4, which carries its vGPUs itself, and an A40, which carries them on virtual functions, in one host.
//
//   pulumi config set host gpu02.example
//   pulumi config set version 550.163.02
import * as pulumi from "@pulumi/pulumi";
import { MdevVgpu, SriovEnablement, VgpuLayout, VgpuManagerInstall } from "pulumi-nvidia-vgpu";

const config = new pulumi.Config();

// No package is given, so nothing is installed: the version has to be there, whoever brought it.
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

// "all" leaves out the T4, which takes no virtual functions, and says so.
const sriov = new SriovEnablement("sriov", { on: driver, gpus: "all" });

// All vGPUs of a card in one resource: counts, and one that has a name and a place of its own.
const layout = new VgpuLayout("a40", {
  on: sriov,
  gpu: { model: "A40" },
  vgpus: { "A40-8Q": 3 },
  named: { "cad-01": { type: "A40-8Q", virtualFunction: 7 } },
});

// One vGPU that belongs to one virtual machine.
const desktop = new MdevVgpu("desktop", {
  on: driver,
  gpu: { model: "Tesla T4" },
  type: "T4-4Q",
  parameters: "frame_rate_limiter=0",
});

/** What goes into the domain of the virtual machine. */
export const hostdev = desktop.hostdevXml;
export const cad01 = layout.instances.apply((vgpus) => vgpus["cad-01"]?.parentAddress);
