import { beforeAll, describe, expect, test } from "vitest";
import { unknownValue } from "../../provider/lifecycle/parse";
import type { State } from "../../provider/lifecycle/state";
import { checked, factsOf, stage } from "./fake-host";

const on = stage(factsOf("debian-12-a40-mdev"));
const uuid = "00000043-1111-4222-8333-000000000043";
let inputs: State;
let last: State;

beforeAll(async () => {
  inputs = await checked(on.vgpu, "MdevVgpu", "cad", {
    gpu: "41:00.0",
    type: "A40-4A",
    uuid,
    dependencyAppliedAt: "1",
  });
  last = { ...inputs, gpuAddress: "0000:41:00.0", pending: [], appliedAt: "g", schemaVersion: 2 };
});

const diff = (more: State, before: State = {}) => on.vgpu.diff(uuid, { ...last, ...before }, { ...inputs, ...more });
const none = { changes: false, replaces: [], deleteBeforeReplace: true };

test("equal inputs are no difference", async () => {
  expect(await diff({})).toEqual(none);
});

test("changed inputs are left to the engine, which compares and shows them", async () => {
  expect(await diff({ type: "A40-8Q" })).toEqual({ ...none, changes: undefined });
  expect(await diff({ connection: { host: "other" } })).toEqual({ ...none, changes: undefined });
  expect(await diff({ parameters: "a=1" })).toEqual({ ...none, changes: undefined });
});

test("internal properties are no difference: the provider's text, the URN", async () => {
  expect(await diff({ __provider: "another", __urn: "urn:pulumi:a::b::c::d" })).toEqual(none);
});

test("an unreachable host has no difference until its connection changes", async () => {
  const away = { unreachable: "it is away" };
  expect(await diff({}, away)).toEqual(none);
  expect(await diff({ type: "A40-8Q" }, away)).toEqual(none);
  expect(await diff({ gpu: { model: "A40" } }, away)).toEqual(none);
  expect(await diff({}, { ...away, pending: ["The VFs are off."] })).toEqual(none);
  expect(await diff({ connection: { host: "other" } }, away)).toEqual({ ...none, changes: undefined });
});

test("pending work is a difference even with equal inputs", async () => {
  expect(await diff({}, { pending: ["The VFs are off."] })).toEqual({ ...none, changes: true });
});

test("changed outputs are no difference", async () => {
  expect(await diff({}, { iommuGroup: 99, appliedAt: "h" })).toEqual(none);
});

describe("a replacement", () => {
  test("follows from another UUID, and deletes the old vGPU first", async () => {
    expect(await diff({ uuid: "00000044-1111-4222-8333-000000000043" })).toEqual({
      changes: true,
      replaces: ["uuid"],
      deleteBeforeReplace: true,
    });
  });

  test("does not follow from another selector: only the host can tell whether it finds another GPU", async () => {
    expect(await diff({ gpu: { address: "0000:42:00.0" } })).toEqual({ ...none, changes: undefined });
    expect(await diff({ gpu: { model: "A40" } })).toEqual({ ...none, changes: undefined });
  });

  test("never follows from an unknown value", async () => {
    for (const [key, value] of [
      ["uuid", unknownValue],
      ["gpu", unknownValue],
      ["gpu", { address: unknownValue }],
      ["dependencyAppliedAt", unknownValue],
    ] as const) {
      expect(await diff({ [key]: value }), key).toEqual({ ...none, changes: undefined });
    }
  });
});

test("a new appliedAt of the dependency is an update", async () => {
  expect(await diff({ dependencyAppliedAt: "2" })).toEqual({ ...none, changes: undefined });
});

test("driver and virtual functions are never replaced", async () => {
  const driver = await checked(on.driver, "VgpuManagerInstall", "d", { version: "550.163.02" });
  const sriov = await checked(on.sriov, "SriovEnablement", "s", { gpus: "all" });
  expect(await on.driver.diff("d", driver, { ...driver, version: "580.105.06", connection: { host: "x" } })).toEqual({
    ...none,
    changes: undefined,
  });
  expect(
    await on.sriov.diff("s", sriov, { ...sriov, gpus: [{ address: "0000:41:00.0" }], connection: { host: "x" } }),
  ).toEqual({ ...none, changes: undefined });
});

test("diff connects to no host", () => {
  expect([on.host.looks, on.host.asked.length, on.connections.length]).toEqual([0, 0, 0]);
});
