import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ownerOf, processEnvironment } from "../../../provider/lifecycle/engine/owner";
import { urnOf } from "../../../provider/lifecycle/engine/urn";
import { firstInstance } from "../../../provider/lifecycle/instance";
import type { Declared, Stack } from "../../engine/stack";
import type { LightHost } from "./light-hosts";

const driver = "550.163.02";
const type = { name: "A40-4Q", id: 560 };

/** UUIDs of the vGPUs on the A40, and where they are. */
const vgpus = {
  "11111111-2222-4333-8444-555555555501": "0000:41:00.4",
  "11111111-2222-4333-8444-555555555502": "0000:41:01.6",
};

/** Returns a recorded host. Each light host has records of its own in place of those that are added here. */
export function captureOf(): string {
  const recorded = readFileSync(join(__dirname, "..", "..", "captures", "lab-t4-a40-a100.txt"), "utf8");
  const records = Object.keys(vgpus).map((uuid) => `${recordPath(uuid)}\towner=\n`);
  return recorded.replace(/^--\S+ files\n/m, (heading) => `${heading}${records.join("")}`);
}

/** Returns the records by which the vGPUs of the A40 belong to the layout of this stack on this host. */
export function recordsOf({ folder }: Pick<Stack, "folder">, { name }: LightHost): Record<string, string> {
  const urn = urnOfBench("VgpuLayout", `layout@${name}`);
  const env = { PULUMI_BACKEND_URL: `file://${join(folder, "state")}` };
  const written = {
    format: 2,
    owner: ownerOf(urn, { ...processEnvironment(), env }),
    instance: firstInstance(urn),
    type: type.id,
    framework: "mdev",
  };
  const lines = Object.entries(written).map(([key, value]) => `${key}=${value}\n`);
  return Object.fromEntries(
    Object.entries(vgpus).map(([uuid, at]) => [
      recordPath(uuid),
      [...lines, `function=${at}\n`, "complete=yes\n"].join(""),
    ]),
  );
}

const recordPath = (uuid: string) => `/etc/nvidia-vgpu/vgpus/${uuid}`;

/** Returns the URN of a resource of the bench's stack. */
export const urnOfBench = (kind: string, name: string): string =>
  urnOf({ stack: "bench", project: "vgpu-test", type: `pulumi-nodejs:dynamic/nvidia-vgpu:${kind}`, name });

/** Returns resources with which the host is in sync. */
export function declared({ name }: LightHost, connection: Record<string, unknown>): Declared[] {
  const named = Object.fromEntries(
    Object.keys(vgpus).map((uuid, index) => [`cad-${index}`, { type: type.name, uuid }]),
  );
  // The recorded host restores nothing at boot.
  const restoreAtBoot = false;
  return [
    { kind: "VgpuManagerInstall", name: `driver@${name}`, connection, version: driver, prerequisites: "require" },
    {
      kind: "SriovEnablement",
      name: `functions@${name}`,
      on: `driver@${name}`,
      gpus: [{ model: "A40" }],
      restoreAtBoot,
    },
    {
      kind: "VgpuLayout",
      name: `layout@${name}`,
      on: `functions@${name}`,
      gpu: { model: "A40" },
      named,
      restoreAtBoot,
    },
  ];
}
