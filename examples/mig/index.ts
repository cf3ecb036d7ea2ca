// Hosts with MIG-backed vGPUs. They have their driver; each has one GPU that this program manages. They are in a file, hosts.json:
// Pulumi shows no steps in a preview after a change of the stack's configuration.
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "pulumi-nvidia-vgpu";
import { MigEnablement, SriovEnablement, VgpuLayout } from "pulumi-nvidia-vgpu";

interface Host {
  connection: ConnectionArgs;
  model: string;
  mig: boolean;
  vgpus: Record<string, number>;
}

const file = new pulumi.Config().get("hosts") ?? "hosts.json";
const hosts: Record<string, Host> = JSON.parse(readFileSync(file, "utf8"));

export const gpuInstances = Object.fromEntries(
  Object.entries(hosts).map(([name, { connection, model, mig, vgpus }]) => {
    const gpu = { model };
    const mode = new MigEnablement(`${name}-mig`, {
      connection,
      enabled: mig ? [gpu] : [],
      disabled: mig ? [] : [gpu],
      onDelete: "disable",
    });
    const functions = new SriovEnablement(`${name}-functions`, { on: mode, gpus: [gpu], onDelete: "disable" });
    const layout = new VgpuLayout(name, { on: functions, gpu, vgpus });
    return [name, layout.mig];
  }),
);
