// A program with the generated SDK for Node. TypeScript programs of users have pulumi-nvidia-vgpu/native, which is typed more precisely.
import { readFileSync } from "node:fs";
import * as vgpu from "./nodejs";

const { connection, version, gpu, vgpus } = JSON.parse(readFileSync("declared.json", "utf8")) as {
  connection: vgpu.types.input.ConnectionArgs;
  version: string;
  gpu: string;
  vgpus: Record<string, number>;
};

const driver = new vgpu.VgpuManagerInstall("driver", { connection, version, prerequisites: "require" });
const functions = new vgpu.SriovEnablement("functions", { on: driver.host, gpus: [gpu] });
const layout = new vgpu.VgpuLayout("layout", { on: functions.host, gpu: { address: gpu }, vgpus });
export const uuids = layout.instances.apply((all) => Object.values(all).map(({ uuid }) => uuid));
