import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ownerOf, processEnvironment } from "../../../provider/lifecycle/engine/owner";
import type { Declared, Stack } from "../../engine/stack";
import type { LightHost } from "./light-hosts";

const driver = "550.163.02";
const type = { name: "A40-4Q", id: 560 };

/** UUIDs of the vGPUs on the A40, and where they are. */
const vgpus = {
  "11111111-2222-4333-8444-555555555501": "0000:41:00.4",
  "11111111-2222-4333-8444-555555555502": "0000:41:01.6",
};

/** Returns a recorded host, with records by which the vGPUs of the A40 belong to the stack. */
export function captureOf(stack: Stack): string {
  const recorded = readFileSync(join(__dirname, "..", "..", "captures", "lab-t4-a40-a100.txt"), "utf8");
  const env = { PULUMI_BACKEND_URL: `file://${join(stack.folder, "state")}` };
  const owner = ownerOf("urn:pulumi:bench::vgpu-test::any::any", { ...processEnvironment(), env });
  const records = Object.entries(vgpus).flatMap(([uuid, at]) =>
    [`owner=${owner}`, `function=${at}`, `type=${type.id}`].map((line) => `/etc/nvidia-vgpu/vgpus/${uuid}\t${line}\n`),
  );
  return recorded.replace(/^--\S+ files\n/m, (heading) => `${heading}${records.join("")}`);
}

/** Returns resources with which the host is in sync. */
export function declared({ name }: LightHost, connection: Record<string, unknown>): Declared[] {
  const named = Object.fromEntries(
    Object.keys(vgpus).map((uuid, index) => [`cad-${index}`, { type: type.name, uuid }]),
  );
  return [
    { kind: "VgpuManagerInstall", name: `driver@${name}`, connection, version: driver, prerequisites: "require" },
    { kind: "SriovEnablement", name: `functions@${name}`, on: `driver@${name}`, gpus: [{ model: "A40" }] },
    { kind: "VgpuLayout", name: `layout@${name}`, on: `functions@${name}`, gpu: { model: "A40" }, named },
  ];
}
