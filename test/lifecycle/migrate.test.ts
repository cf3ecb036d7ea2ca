import { describe, expect, test } from "vitest";
import { migrateState } from "../../provider/lifecycle/migrate";
import type { State } from "../../provider/lifecycle/state";
import { checked, factsOf, owner, provider, stage, urnOf } from "./fake-host";

const host = "debian-12-a40-mdev";
const uuid = "00000043-1111-4222-8333-000000000043";
const identity = {
  productUuid: "4c4c4544-0042-3510-8052-b4c04f4a3031",
  machineId: "0123456789abcdef0123456789abcd01",
};
const common = (kind: string, name: string) => ({
  connection: { host: "gpu01.example" },
  __urn: urnOf(kind, name),
  __provider: provider,
  onGeneration: "2025-10-01T10:00:00.000Z",
  generation: "2025-11-01T10:00:00.000Z",
  schemaVersion: 1,
  identity,
  pending: [],
});
const vgpu = {
  uuid,
  gpuAddress: "0000:41:00.0",
  parentAddress: "0000:41:01.1",
  framework: "mdev",
  typeId: 570,
  typeName: "NVIDIA A40-4A",
  hostdevXml: "<hostdev/>",
};
const declared = { gpu: { address: "0000:41:00.0" }, vgpus: { "A40-4A": 1 }, named: {}, onDelete: "removeFree" };

/** States as release 0.1 wrote them. */
const layoutState: State = { ...common("VgpuLayout", "l"), ...declared, all: { "A40-4A#1": vgpu } };
const driverState: State = {
  ...common("VgpuManagerInstall", "d"),
  version: "550.163.02",
  prerequisites: "install",
  iommu: false,
  reboot: "never",
  onDelete: "keep",
  loadedVersion: "550.163.02",
  versionOnDisk: "550.163.02",
  gpus: [{ address: "0000:41:00.0", transformed: "41_00_0", libvirtName: "pci_0000_41_00_0", pciId: "10de:2235" }],
};
const former = /"(all|generation|onGeneration|versionOnDisk|transformed|removeFree)"/;

describe("migrateState", () => {
  test("renames outputs, inputs and values of a state of release 0.1", () => {
    const { connection, __urn, __provider } = common("VgpuLayout", "l");
    expect(migrateState(layoutState)).toEqual({
      connection,
      __urn,
      __provider,
      dependencyAppliedAt: "2025-10-01T10:00:00.000Z",
      appliedAt: "2025-11-01T10:00:00.000Z",
      schemaVersion: 2,
      identity,
      pending: [],
      ...declared,
      onDelete: "removeUnused",
      instances: { "A40-4A#1": vgpu },
    });
  });

  test("renames the installed version and the names of GPUs in the state of a driver", () => {
    const { installedVersion, gpus, ...rest } = migrateState(driverState);
    expect(installedVersion).toBe("550.163.02");
    expect(gpus).toEqual([
      { address: "0000:41:00.0", transformedBdf: "41_00_0", libvirtName: "pci_0000_41_00_0", pciId: "10de:2235" },
    ]);
    expect(JSON.stringify(rest)).not.toMatch(former);
  });

  test("migrates the declared arguments that a drifted state keeps", () => {
    const drifted = { ...layoutState, vgpus: {}, __declared: declared };
    expect(migrateState(drifted).__declared).toEqual({ ...declared, onDelete: "removeUnused" });
  });

  test("keeps a vGPU of a layout that is named like an old property", () => {
    const named = { all: { type: "A40-4A", uuid }, generation: { type: "A40-4A" } };
    expect(migrateState({ ...layoutState, named, all: { all: vgpu } })).toMatchObject({
      named,
      instances: { all: vgpu },
    });
  });

  test("keeps GPU selectors, and the word all, of virtual functions", () => {
    const gpus = [{ address: "0000:41:00.0" }];
    expect(migrateState({ schemaVersion: 1, gpus }).gpus).toEqual(gpus);
    expect(migrateState({ schemaVersion: 1, gpus: "all" }).gpus).toBe("all");
  });

  test("leaves the given state unchanged", () => {
    const copy = structuredClone(driverState);
    migrateState(driverState);
    expect(driverState).toEqual(copy);
  });

  test("returns a state of schema version 2, or without one, as it is", () => {
    for (const state of [{}, { gpu: "41:00.0" }, { schemaVersion: 2, all: 1 }])
      expect(migrateState(state)).toEqual(state);
  });
});

describe("a state of release 0.1", () => {
  test("has no difference from the same declaration, whatever its properties are called now", async () => {
    const on = stage(factsOf(host));
    const now = { dependencyAppliedAt: "2025-10-01T10:00:00.000Z" };
    const none = { changes: false, replaces: [], deleteBeforeReplace: true };
    const layout = await checked(on.layout, "VgpuLayout", "l", { ...declared, ...now, onDelete: "removeUnused" });
    expect(await on.layout.diff("l", layoutState, layout)).toEqual(none);
    const driver = await checked(on.driver, "VgpuManagerInstall", "d", { version: "550.163.02", ...now });
    expect(await on.driver.diff("d", driverState, driver)).toEqual(none);
  });

  test("leads a delete to the vGPUs of the layout, and keeps those in use where it was declared so", async () => {
    const on = stage({ ...factsOf(host), vgpus: [] });
    await on.layout.delete("l", layoutState);
    expect(on.host.asked.at(-1)!.goal).toMatchObject({
      desired: [],
      obsolete: [{ uuid, function: "0000:41:01.1", typeId: 570 }],
      keepInUse: true,
    });
  });

  test("keeps the UUIDs of the layout in an update, which writes the names of today", async () => {
    const facts = factsOf(host);
    const on = stage({ ...facts, records: [{ uuid, function: facts.vgpus[0]!.function, typeId: 570, owner }] });
    const inputs = await checked(on.layout, "VgpuLayout", "l", { ...declared, onDelete: "removeUnused" });
    await on.layout.update("l", layoutState, inputs).catch(() => {});
    expect(on.host.asked.at(-1)!.goal).toMatchObject({ desired: [{ uuid, last: { function: "0000:41:01.1" } }] });
  });

  test.each([
    ["a layout", "layout", layoutState],
    ["a drifted layout", "layout", { ...layoutState, vgpus: {}, __declared: declared }],
    ["a driver", "driver", driverState],
    ["an unreachable host", "layout", layoutState],
    ["a host in maintenance", "layout", { ...layoutState, maintenance: "DIMM" }],
  ] as const)("is read with the names of today: %s", async (title, kind, state) => {
    const on = stage(factsOf(host));
    if (title === "an unreachable host") on.host.away = new Error("unreachable");
    const { props, inputs } = await on[kind].read("x", state);
    expect(props).toMatchObject({ schemaVersion: 2, appliedAt: "2025-11-01T10:00:00.000Z" });
    expect(JSON.stringify([props, inputs])).not.toMatch(former);
  });
});
