import { beforeEach, describe, expect, test } from "vitest";
import { uuidOf } from "../../../provider/lifecycle/engine/urn";
import type { State } from "../../../provider/lifecycle/state";
import type { HostFacts } from "../../../provider/model/facts/host-facts";
import type { VgpuRecord } from "../../../provider/model/facts/vgpu";
import { pciAddress } from "../../../provider/model/pci-address";
import type { VgpuGoal } from "../../../provider/plan";
import type { Stage } from "../fake-host";
import { checked, factsOf, instance, owner, stage, urnOf } from "../fake-host";

const urn = urnOf("VgpuLayout", "card");
const a = "00000001-1111-4222-8333-0000000000aa";
const types: Record<string, number> = { "A40-4Q": 560, "A40-4A": 570, "A40-8Q": 562 };

/** The A40 with these vGPUs, all ours and free; with the UUIDs they are known by. */
function card(...vgpus: [uuid: string, type: string, vf: string][]): HostFacts {
  const facts = factsOf("debian-12-a40-mdev");
  const records: VgpuRecord[] = vgpus.map(([uuid, type, vf]) => ({
    uuid,
    function: pciAddress(`0000:41:${vf}`),
    typeId: types[type]!,
    owner,
  }));
  return {
    ...facts,
    records,
    vgpus: records.map(({ uuid, function: at, typeId }, i) => ({
      framework: "mdev",
      uuid,
      gpu: pciAddress("0000:41:00.0"),
      function: at,
      type: { id: typeId, name: `NVIDIA ${vgpus[i]![1]}` },
      iommuGroup: 120 + i,
      gpuInstance: null,
      placementId: null,
      parameters: "",
      users: [],
    })),
  };
}

const derived = (key: string) => uuidOf(`${urn}::${key}`);
const four = (n: number): [string, string, string] => [derived(`A40-4Q#${n}`), "A40-4Q", `00.${n + 3}`];

let on: Stage;
let last: State;
const inputs = (given: object) => checked(on.layout, "VgpuLayout", "card", { gpu: "41:00.0", ...given }, last);

beforeEach(async () => {
  on = stage(card(four(1), four(2), four(3), [a, "A40-4Q", "01.0"]));
  last = {};
  last = (await on.layout.create(await inputs({ vgpus: { "A40-4Q": 3 }, named: { cad: { type: "A40-4Q", uuid: a } } })))
    .outs;
});

test("instances have a name, or type and number, as their keys", () => {
  expect(last).toMatchObject({ vgpus: { "A40-4Q": 3 }, pending: [] });
  const all = last.instances as Record<string, { uuid: string; hostdevXml: string }>;
  expect(Object.keys(all).sort()).toEqual(["A40-4Q#1", "A40-4Q#2", "A40-4Q#3", "cad"]);
  expect(all.cad).toMatchObject({
    uuid: a,
    parentAddress: "0000:41:01.0",
    typeName: "NVIDIA A40-4Q",
    framebufferMiB: 4096,
  });
  expect(all["A40-4Q#2"]!.hostdevXml).toContain(all["A40-4Q#2"]!.uuid);
});

test("a layout plans the whole GPU, and vGPUs of a count are interchangeable", async () => {
  const { goal } = on.host.asked[0]!;
  expect(goal).toMatchObject({ kind: "vgpus", managesWholeGpu: true, claim: { owner, instance } });
  expect((goal as VgpuGoal).desired.map(({ name, interchangeable }) => [name, interchangeable])).toEqual([
    ["cad", false],
    [undefined, true],
    [undefined, true],
    [undefined, true],
  ]);
});

describe("a lower count", () => {
  test("has obsolete vGPUs in the goal, with place and type", async () => {
    await on.layout.update("x", last, await inputs({ vgpus: { "A40-4Q": 2 } })).catch(() => {});
    expect((on.host.asked.at(-1)!.goal as VgpuGoal).obsolete).toEqual(
      expect.arrayContaining([
        { uuid: four(3)[0], function: "0000:41:00.6", typeId: 560 },
        { uuid: a, function: "0000:41:01.0", typeId: 560 },
      ]),
    );
  });

  test("keeps vGPUs that could not be removed in the state, and tries again", async () => {
    on.host.becomes = on.host.now;
    const error = (await on.layout
      .update("x", last, await inputs({ vgpus: { "A40-4Q": 2 } }))
      .catch((thrown: unknown) => thrown)) as { properties: State };
    expect(error.properties.vgpus).toEqual({ "A40-4Q": 3 });
    expect(error.properties.named).toMatchObject({ cad: { uuid: a, type: "A40-4Q" } });
    expect(Object.keys(error.properties.instances as object).sort()).toEqual([
      "A40-4Q#1",
      "A40-4Q#2",
      "A40-4Q#3",
      "cad",
    ]);
  });
});

test("a higher count keeps the UUIDs of existing vGPUs", async () => {
  await on.layout
    .update("x", last, await inputs({ vgpus: { "A40-4Q": 4 }, named: { cad: { type: "A40-4Q" } } }))
    .catch(() => {});
  const { desired, obsolete } = on.host.asked.at(-1)!.goal as VgpuGoal;
  expect(desired.map(({ uuid }) => uuid)).toEqual([a, four(1)[0], four(2)[0], four(3)[0], derived("A40-4Q#4")]);
  expect(obsolete).toEqual([]);
});

test("a renamed layout keeps its vGPUs", async () => {
  const renamed = await checked(
    on.layout,
    "VgpuLayout",
    "renamed",
    { gpu: "41:00.0", vgpus: { "A40-4Q": 3 }, named: { cad: { type: "A40-4Q", uuid: a } } },
    last,
  );
  expect((await on.layout.update("x", last, renamed)).outs.pending).toEqual([]);
  expect((on.host.asked.at(-1)!.goal as VgpuGoal).desired.map(({ uuid }) => uuid)).toEqual([
    a,
    four(1)[0],
    four(2)[0],
    four(3)[0],
  ]);
});

describe("drift", () => {
  const read = () => on.layout.read("x", last);

  test("of a missing vGPU lowers the count in the inputs", async () => {
    on.host.now = card(four(1), four(3), [a, "A40-4Q", "01.0"]);
    const { inputs: seen, props } = await read();
    expect(seen!.vgpus).toEqual({ "A40-4Q": 2 });
    expect(Object.keys(props!.instances as object).sort()).toEqual(["A40-4Q#1", "A40-4Q#3", "cad"]);
    expect(props!.pending).toHaveLength(1);
    expect(on.said).toHaveLength(1);
  });

  test("of a vGPU without a record is reported with what will be created", async () => {
    on.host.now = card(four(1), four(3), [a, "A40-4Q", "01.0"]);
    await read();
    expect(on.said[0]!.message).toMatch(new RegExp(`missing: create A40-4Q ${four(2)[0]} on 0000:41:`));
  });

  test("of another type is counted under that type", async () => {
    on.host.now = card(four(1), four(2), [four(3)[0], "A40-4A", "00.6"], [a, "A40-4A", "01.0"]);
    const { inputs: seen } = await read();
    expect(seen!.vgpus).toEqual({ "A40-4Q": 2, "A40-4A": 1 });
    expect(seen!.named).toEqual({ cad: { type: "A40-4A", uuid: a } });
  });

  test("is the same in a second refresh", async () => {
    on.host.now = card(four(1), [four(3)[0], "A40-4A", "00.6"], [a, "A40-4A", "01.0"]);
    const first = await read();
    expect(await on.layout.read("x", first.props!)).toEqual(first);
  });

  test("of all vGPUs leaves an empty layout in the state", async () => {
    on.host.now = card();
    const { id, inputs: seen, props } = await read();
    expect(id).toBe("x");
    expect(seen).toMatchObject({ vgpus: { "A40-4Q": 0 }, named: {} });
    expect(props!.instances).toEqual({});
  });

  test("unmanaged vGPUs are neither counted nor changed", async () => {
    const { vgpus, ...facts } = on.host.now;
    on.host.now = {
      ...facts,
      vgpus: [
        ...vgpus,
        { ...vgpus[0]!, uuid: "99999999-1111-4222-8333-000000000099", function: pciAddress("0000:41:02.0") },
      ],
    };
    const { inputs: seen, props } = await read();
    expect(seen!.vgpus).toEqual({ "A40-4Q": 3 });
    expect(props!.pending).toEqual([]);
  });
});

test("delete removes all vGPUs of the layout, and nothing else", async () => {
  on.host.becomes = card();
  await on.layout.delete("x", last);
  const { desired, obsolete } = on.host.asked.at(-1)!.goal as VgpuGoal;
  expect(desired).toEqual([]);
  expect(obsolete.map(({ uuid }) => uuid).sort()).toEqual([four(1)[0], four(2)[0], four(3)[0], a].sort());
});

describe("the GPU of a layout", () => {
  const uuid = "GPU-00000a40-1111-4222-8333-000000000a40";
  /** The host with a second A40 beside the one that carries the layout, which may be elsewhere by now. */
  function twoCards(first: string, second: string): HostFacts {
    const { gpus, ...facts } = on.host.now;
    const other = { ...gpus[0]!, uuid: "GPU-ffffffff-1111-4222-8333-000000000a40", functions: [], framework: null };
    return {
      ...facts,
      gpus: [
        { ...gpus[0]!, address: pciAddress(first) },
        { ...other, address: pciAddress(second) },
      ].sort((a, b) => (a.address < b.address ? -1 : 1)),
    };
  }
  const change = async (gpu: object) =>
    on.layout.update(
      "x",
      last,
      await inputs({ gpu, vgpus: { "A40-4Q": 3 }, named: { cad: { type: "A40-4Q", uuid: a } } }),
    );

  test("is pinned by UUID after the first success", () => {
    expect(last).toMatchObject({ gpu: { address: "0000:41:00.0" }, gpuAddress: "0000:41:00.0", gpuUuid: uuid });
  });

  test("stays if another selector finds it: only the state changes", async () => {
    expect((await on.layout.diff("x", last, { ...last, gpu: { model: "A40", index: 0 } })).replaces).toEqual([]);
    const { outs } = await change({ model: "A40", index: 0 });
    expect(outs).toMatchObject({
      gpu: { model: "A40", index: 0 },
      gpuUuid: uuid,
      appliedAt: last.appliedAt,
      instances: last.instances,
      pending: [],
    });
  });

  test("changes if the selector is changed to another GPU: the vGPUs move", async () => {
    on.host.now = twoCards("0000:41:00.0", "0000:81:00.0");
    await change({ model: "A40", index: 1 }).catch(() => {});
    const pin = { uuid, address: "0000:41:00.0", selector: { address: "0000:41:00.0" } };
    expect(on.host.asked.at(-1)!.goal).toMatchObject({ pin, gpu: { model: "A40", index: 1 } });
  });

  test("stays the former one until a move is complete", async () => {
    on.host.now = twoCards("0000:41:00.0", "0000:81:00.0");
    const { props } = await on.layout.read("x", { ...last, __declared: { ...last, gpu: { model: "A40", index: 1 } } });
    expect(props).toMatchObject({ gpu: { address: "0000:41:00.0" }, gpuUuid: uuid, gpuAddress: "0000:41:00.0" });
  });

  test("is followed to a new address", async () => {
    last = { ...last, gpu: { model: "A40" } };
    on.host.now = { ...twoCards("0000:42:00.0", "0000:81:00.0"), vgpus: [] };
    const { props } = await on.layout.read("x", { ...last, gpu: { address: "0000:41:00.0" } });
    expect(props).toMatchObject({ gpu: { address: "0000:41:00.0" }, gpuUuid: uuid, gpuAddress: "0000:42:00.0" });
  });

  test("does not change if an unchanged selector finds another GPU: that is pending, with a hint", async () => {
    last = { ...last, gpu: { model: "A40", index: 0 } };
    on.host.now = { ...twoCards("0000:a1:00.0", "0000:81:00.0"), vgpus: [] };
    const { props } = await on.layout.read("x", last);
    expect(props).toMatchObject({ gpu: { model: "A40", index: 0 }, gpuUuid: uuid, gpuAddress: "0000:41:00.0" });
    expect(props!.pending).toEqual([
      expect.stringMatching(
        /"A40" number 0 was GPU-00000a40-\S+ at 0000:41:00\.0, which is at 0000:a1:00\.0 now; now 0000:81:00\.0/,
      ),
    ]);
  });

  test("is pinned by address in a state of release 0.1, and by UUID after a refresh", async () => {
    const { gpuAddress: _, gpuUuid: __, ...old } = last;
    expect((await on.layout.read("x", { ...old, gpu: { model: "A40" } })).props).toMatchObject({
      gpuAddress: "0000:41:00.0",
      gpuUuid: uuid,
    });
    on.host.now = { ...twoCards("0000:a1:00.0", "0000:81:00.0"), vgpus: [] };
    expect((await on.layout.read("x", { ...old, gpu: { model: "A40", index: 0 } })).props!.pending).toEqual([
      expect.stringContaining("was 0000:41:00.0, which is not there any more"),
    ]);
  });
});
