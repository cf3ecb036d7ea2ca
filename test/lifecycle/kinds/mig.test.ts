import { beforeEach, describe, expect, test } from "vitest";
import type { State } from "../../../provider/lifecycle/state";
import { address, hostWithA100 } from "../../plan/mig/a100";
import type { Stage } from "../fake-host";
import { checked, owner, stage, urnOf } from "../fake-host";

const gpu = { address };
const inSync = hostWithA100({ instances: [[14, 4]] });
const modeLost = hostWithA100({ mode: { current: false, pending: false }, vfs: "off" });

let on: Stage;
let last: State;
beforeEach(async () => {
  on = stage(modeLost);
  on.host.becomes = inSync;
  last = (await on.mig.create(await checked(on.mig, "MigEnablement", "mig", { enabled: [gpu] }))).outs;
});

test("outputs: the GPUs in MIG mode, with their GPU instances and the slices that are left", () => {
  expect(last.migGpus).toEqual([
    {
      address,
      gpuInstances: [{ id: 10, profileId: 14, profile: "2g.10gb", start: 4, size: 2 }],
      freeSlices: [0, 1, 2, 3, 6, 7],
    },
  ]);
});

test("a GPU that lost its MIG mode is not in the returned inputs, and is pending", async () => {
  on.host.now = modeLost;
  const { inputs, props } = await on.mig.read("x", last);
  expect(inputs).toMatchObject({ enabled: [], disabled: [] });
  expect(props!.migGpus).toEqual([]);
  expect(props!.pending).toEqual([
    expect.stringMatching(/turn MIG mode on for 0000:c4:00\.0/),
    expect.stringMatching(/install nvidia-vgpu-restore\.service/),
  ]);
});

test("a delete turns MIG mode off only if that is declared, and only where the resource turned it on", async () => {
  on = stage(inSync);
  await on.mig.delete("x", last);
  expect(on.host.asked).toEqual([]);
  on.host.becomes = modeLost;
  await on.mig.delete("x", { ...last, onDelete: "disable" });
  expect(on.host.asked.map(({ goal }) => goal)).toMatchObject([
    { kind: "mig", arguments: { enabled: [], disabled: [gpu] } },
  ]);
  on.host.asked.length = 0;
  await on.mig.delete("x", { ...last, enabled: [], disabled: [gpu], migGpus: [], onDelete: "disable" });
  expect(on.host.asked).toEqual([]);
});

test("the mode is restored at boot unless the program says no, also for states without the argument", async () => {
  expect(last.restoreAtBoot).toBe(true);
  const { restoreAtBoot: _, ...before } = last;
  for (const [state, restorer] of [
    [last, expect.any(String) as string],
    [before, expect.any(String) as string],
    [{ ...last, restoreAtBoot: false }, undefined],
  ] as [State, string | undefined][]) {
    on.host.asked.length = 0;
    await on.mig.update("x", state, { ...state, enabled: [gpu] }).catch(() => {});
    expect(on.host.asked[0]?.goal.restorer).toEqual(restorer);
  }
});

test("a host that is as declared is in sync, with the restorer", async () => {
  on.host.now = hostWithA100();
  const { props, inputs } = await on.mig.read("x", last);
  expect(inputs).toMatchObject({ enabled: [gpu], restoreAtBoot: true });
  expect(props!.pending).toEqual([]);
});

test("no GPU is a mistake of the program", async () => {
  const { failures } = await on.mig.check({}, { connection: { host: "gpu01" }, __urn: urnOf("MigEnablement", "mig") });
  expect(failures.map(({ reason }) => reason).join()).toContain("name at least one GPU in enabled or disabled");
});

test("get reads the GPUs in MIG mode", async () => {
  const { props } = await on.mig.read("any", { connection: { host: "gpu01" }, __urn: urnOf("MigEnablement", "mig") });
  expect(props).toMatchObject({ migGpus: [{ address }] });
});

describe("a layout on a GPU in MIG mode", () => {
  test("outputs: what the GPU is divided into, and the GPU instance of each vGPU", async () => {
    const facts = hostWithA100({ instances: [[14, 4]], vgpus: [{ type: "2-10C", on: 0, instance: 10 }] });
    const [vgpu] = facts.vgpus;
    const uuid = vgpu!.uuid!;
    const record = { uuid, function: vgpu!.function, typeId: vgpu!.type.id, owner };
    on.host.now = { ...facts, records: [record] };
    const named = { cad: { type: "A100-2-10C", uuid } };
    const { outs } = await on.layout.create(await checked(on.layout, "VgpuLayout", "layout", { gpu, named }));
    const instance = { id: 10, profileId: 14, profile: "2g.10gb", start: 4, size: 2 };
    expect(outs.mig).toEqual({ enabled: true, gpuInstances: [instance], freeSlices: [0, 1, 2, 3, 6, 7] });
    expect(outs.instances).toMatchObject({ cad: { framebufferMiB: 10240, gpuInstance: instance } });
  });
});
