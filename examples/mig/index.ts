// Hosts with MIG-backed vGPUs. They have their driver; each has one GPU that this program manages:
//
//   pulumi config set hosts '{"gpu01": {"connection": {"host": "gpu01.example"}, "model": "A100", "mig": true, "vgpus": {"A100-2-10C": 3}}}'
import * as pulumi from "@pulumi/pulumi";
import type { ConnectionArgs } from "pulumi-nvidia-vgpu";
import { MigEnablement, SriovEnablement, VgpuLayout } from "pulumi-nvidia-vgpu";

interface Host {
  connection: ConnectionArgs;
  model: string;
  mig: boolean;
  vgpus: Record<string, number>;
}

const hosts = new pulumi.Config().requireObject<Record<string, Host>>("hosts");

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
