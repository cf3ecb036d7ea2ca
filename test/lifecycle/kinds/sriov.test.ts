import { beforeEach, describe, expect, test } from "vitest";
import type { State } from "../../../provider/lifecycle/state";
import type { HostFacts } from "../../../provider/model/facts/host-facts";
import { pciAddress } from "../../../provider/model/pci-address";
import type { Stage } from "../fake-host";
import { checked, factsOf, stage } from "../fake-host";

/** A T4, which takes no VFs; an A40 with VFs on; an A100 with VFs off. */
let facts: HostFacts;
let on: Stage;
beforeEach(() => {
  facts = factsOf("lab-t4-a40-a100");
  on = stage(facts);
});

const state = async (given: object) => ({
  ...(await checked(on.sriov, "SriovEnablement", "vfs", given)),
  schemaVersion: 2,
  pending: [],
  appliedAt: "1",
});

test("outputs: per GPU its virtual functions, the framework, and the types that can be created now", async () => {
  const { outs, id } = await on.sriov.create(await checked(on.sriov, "SriovEnablement", "vfs", { gpus: ["41:00.0"] }));
  expect(id).toBe("gpu01.example/vfs");
  const [gpu] = outs.enabledGpus as { virtualFunctions: string[]; creatableTypes: { name: string }[] }[];
  expect(gpu).toMatchObject({ address: "0000:41:00.0", framework: "mdev" });
  expect(gpu!.virtualFunctions).toHaveLength(32);
  expect(gpu!.virtualFunctions[0]).toBe("0000:41:00.4");
  // The card carries 4 GiB vGPUs, so only types of this size are left (B54).
  expect(gpu!.creatableTypes).toContainEqual({
    id: 560,
    name: "NVIDIA A40-4Q",
    framebufferMiB: 4096,
    maxInstances: 12,
  });
  expect(gpu!.creatableTypes.map(({ name }) => name)).not.toContain("NVIDIA A40-8Q");
});

test("a refresh keeps the types of unchanged virtual functions, and reads those of others again", async () => {
  const { outs } = await on.sriov.create(await checked(on.sriov, "SriovEnablement", "vfs", { gpus: ["41:00.0"] }));
  const [gpu] = outs.enabledGpus as { creatableTypes: unknown[]; virtualFunctions: string[] }[];
  const types = [{ id: 1, name: "of an empty card" }];
  const shownAfter = async (enabled: object) =>
    (await on.sriov.read("x", { ...outs, enabledGpus: [enabled] })).props!.enabledGpus as unknown[];
  expect(await shownAfter({ ...gpu, creatableTypes: types })).toMatchObject([{ creatableTypes: types }]);
  expect(await shownAfter({ ...gpu, creatableTypes: types, virtualFunctions: [] })).toMatchObject([
    { creatableTypes: gpu!.creatableTypes },
  ]);
});

test("GPUs with disabled virtual functions are not in the returned inputs", async () => {
  const { inputs, props } = await on.sriov.read("x", await state({ gpus: ["41:00.0", { model: "A100" }] }));
  expect(inputs!.gpus).toEqual([{ address: "0000:41:00.0" }]);
  expect(props!.pending).not.toEqual([]);
  expect(on.said[0]).toMatchObject({ severity: "warning" });
});

test("all stays all if nothing is left to do, and becomes a list of enabled GPUs otherwise", async () => {
  const withoutA100 = { ...facts, gpus: facts.gpus.filter(({ deviceId }) => deviceId !== "20f1") };
  on.host.now = withoutA100;
  expect((await on.sriov.read("x", await state({ gpus: "all" }))).inputs!.gpus).toBe("all");
  on.host.now = factsOf("rhel-9-a10-vfs-off");
  expect((await on.sriov.read("x", await state({ gpus: "all" }))).inputs!.gpus).toEqual([]);
});

test("a selector that finds nothing does not fail a refresh", async () => {
  const { inputs, props } = await on.sriov.read("x", await state({ gpus: [{ model: "H100" }] }));
  expect(inputs!.gpus).toEqual([]);
  expect(props).toMatchObject({ enabledGpus: [] });
  expect((props!.pending as string[]).join()).toContain("H100");
});

test("notes of the plan are reported on create", async () => {
  on.host.becomes = facts;
  on.host.now = facts;
  await on.sriov.create(await checked(on.sriov, "SriovEnablement", "vfs", { gpus: "all" })).catch(() => {});
  expect(
    on.said
      .filter(({ ephemeral, severity }) => !ephemeral && severity === "info")
      .map(({ message }) => message)
      .join("\n"),
  ).toMatch(/T4/);
});

describe("a GPU with enabled virtual functions", () => {
  const uuid = "GPU-00000a40-1111-4222-8333-000000000a40";
  let last: State;
  beforeEach(async () => {
    on = stage(factsOf("debian-12-a40-mdev"));
    last = (
      await on.sriov.create(await checked(on.sriov, "SriovEnablement", "vfs", { gpus: ["41:00.0", { model: "A40" }] }))
    ).outs;
  });
  const now = (...gpus: [address: string, uuid: string][]) => {
    const {
      gpus: [card],
      ...rest
    } = factsOf("debian-12-a40-mdev");
    on.host.now = {
      ...rest,
      gpus: gpus.map(([address, gpu]) => ({ ...card!, address: pciAddress(address), uuid: gpu })),
    };
  };

  test("is in the goal with its UUID", () => {
    expect(last.enabledGpus).toMatchObject([{ address: "0000:41:00.0", uuid }]);
  });

  test("is followed to a new address, and kept if a model fits several GPUs now", async () => {
    now(["0000:41:00.0", "GPU-other"], ["0000:42:00.0", uuid]);
    const { props, inputs } = await on.sriov.read("x", last);
    expect(props).toMatchObject({
      enabledGpus: [{ address: "0000:42:00.0", uuid }],
      pending: [],
      gpus: [{ address: "0000:41:00.0" }, { model: "A40" }],
    });
    expect((await on.sriov.read("x", props!)).props).toEqual(props);
    expect(inputs!.gpus).toEqual([{ address: "0000:41:00.0" }, { model: "A40" }]);
  });

  test("is not mistaken for another GPU at its address", async () => {
    now(["0000:41:00.0", "GPU-other"]);
    const { props } = await on.sriov.read("x", last);
    expect(props!.pending).toContainEqual(
      expect.stringMatching(/"A40" was GPU-00000a40-\S+ at 0000:41:00\.0, which is not there any more/),
    );
    expect(props!.enabledGpus).toEqual([]);
  });
});
