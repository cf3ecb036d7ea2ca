// A fleet in a file that the stack's configuration names:
//
//   pulumi config set fleetFile fleet.yaml
import * as pulumi from "@pulumi/pulumi";
import { VgpuFleet } from "pulumi-nvidia-vgpu";

const config = new pulumi.Config();

const fleet = new VgpuFleet("fleet", { file: config.require("fleetFile") });

export const vgpus = fleet.vgpus;
