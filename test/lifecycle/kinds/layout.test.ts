import { beforeEach, describe, expect, test } from "vitest";
import type { State } from "../../../provider/lifecycle/state";
import { uuidOf } from "../../../provider/lifecycle/uuid";
import type { HostFacts } from "../../../provider/model/facts/host-facts";
import type { VgpuRecord } from "../../../provider/model/facts/vgpu";
import type { CardDesire } from "../../../provider/plan";
import { pciAddress } from "../../../provider/model/pci-address";
import { checked, factsOf, instance, owner, type Stage, stage, urnOf } from "../fake-host";

const urn = urnOf("VgpuLayout", "card");
const a = "00000001-1111-4222-8333-0000000000aa";
const types: Record<string, number> = { "A40-4Q": 560, "A40-4A": 570, "A40-8Q": 562 };

/** The A40 with these vGPUs, all ours and free; with the UUIDs they are known by. */
function card(...vgpus: [uuid: string, type: string, vf: string][]): HostFacts {
  const facts = factsOf("debian-12-a40-mdev");
  const records: VgpuRecord[] = vgpus.map(([uuid, type, vf]) => ({ uuid, function: pciAddress(`0000:41:${vf}`), typeId: types[type]!, owner }));
  return {
    ...facts, records,
    vgpus: records.map(({ uuid, function: at, typeId }, i) => ({
      framework: "mdev", uuid, gpu: pciAddress("0000:41:00.0"), function: at, type: { id: typeId, name: `NVIDIA ${vgpus[i]![1]}` },
      iommuGroup: 120 + i, parameters: "", users: [],
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
  last = (await on.layout.create(await inputs({ vgpus: { "A40-4Q": 3 }, named: { cad: { type: "A40-4Q", uuid: a } } }))).outs;
});

test("its vGPUs are known by name, or by type and number", () => {
  expect(last).toMatchObject({ vgpus: { "A40-4Q": 3 }, pending: [] });
  const all = last.all as Record<string, { uuid: string; hostdevXml: string }>;
  expect(Object.keys(all).sort()).toEqual(["A40-4Q#1", "A40-4Q#2", "A40-4Q#3", "cad"]);
  expect(all.cad).toMatchObject({ uuid: a, parentAddress: "0000:41:01.0", typeName: "NVIDIA A40-4Q", framebufferMiB: 4096 });
  expect(all["A40-4Q#2"]!.hostdevXml).toContain(all["A40-4Q#2"]!.uuid);
});

test("it plans the card as a whole, and each of a count may be any", async () => {
  const { desire } = on.host.asked[0]!;
  expect(desire).toMatchObject({ kind: "card", whole: true, claim: { owner, instance } });
  expect((desire as CardDesire).wanted.map(({ name, interchangeable }) => [name, interchangeable])).toEqual([
    ["cad", false], [undefined, true], [undefined, true], [undefined, true],
  ]);
});

describe("fewer", () => {
  test("names what has to go, with its place and type", async () => {
    await on.layout.update("x", last, await inputs({ vgpus: { "A40-4Q": 2 } })).catch(() => {});
    expect((on.host.asked.at(-1)!.desire as CardDesire).unwanted).toEqual(expect.arrayContaining([
      { uuid: four(3)[0], function: "0000:41:00.6", typeId: 560 }, { uuid: a, function: "0000:41:01.0", typeId: 560 },
    ]));
  });

  test("does not forget what could not be removed: it stays in the state, and is tried again", async () => {
    on.host.becomes = on.host.now;
    const error = (await on.layout.update("x", last, await inputs({ vgpus: { "A40-4Q": 2 } })).catch((thrown: unknown) => thrown)) as { properties: State };
    expect(error.properties.vgpus).toEqual({ "A40-4Q": 3 });
    expect(error.properties.named).toMatchObject({ cad: { uuid: a, type: "A40-4Q" } });
    expect(Object.keys(error.properties.all as object).sort()).toEqual(["A40-4Q#1", "A40-4Q#2", "A40-4Q#3", "cad"]);
  });
});

test("more keeps the UUIDs of those that are there", async () => {
  await on.layout.update("x", last, await inputs({ vgpus: { "A40-4Q": 4 }, named: { cad: { type: "A40-4Q" } } })).catch(() => {});
  const { wanted, unwanted } = on.host.asked.at(-1)!.desire as CardDesire;
  expect(wanted.map(({ uuid }) => uuid)).toEqual([a, four(1)[0], four(2)[0], four(3)[0], derived("A40-4Q#4")]);
  expect(unwanted).toEqual([]);
});

test("under another name it keeps its vGPUs", async () => {
  const renamed = await checked(on.layout, "VgpuLayout", "renamed", { gpu: "41:00.0", vgpus: { "A40-4Q": 3 }, named: { cad: { type: "A40-4Q", uuid: a } } }, last);
  expect((await on.layout.update("x", last, renamed)).outs.pending).toEqual([]);
  expect((on.host.asked.at(-1)!.desire as CardDesire).wanted.map(({ uuid }) => uuid)).toEqual([a, four(1)[0], four(2)[0], four(3)[0]]);
});

describe("drift", () => {
  const read = () => on.layout.read("x", last);

  test("one that is gone is one less in the inputs", async () => {
    on.host.now = card(four(1), four(3), [a, "A40-4Q", "01.0"]);
    const { inputs: seen, props } = await read();
    expect(seen!.vgpus).toEqual({ "A40-4Q": 2 });
    expect(Object.keys(props!.all as object).sort()).toEqual(["A40-4Q#1", "A40-4Q#3", "cad"]);
    expect(props!.pending).toHaveLength(1);
    expect(on.said).toHaveLength(1);
  });

  test("one of which the host knows nothing is told with what is to be made", async () => {
    on.host.now = card(four(1), four(3), [a, "A40-4Q", "01.0"]);
    await read();
    expect(on.said[0]!.message).toMatch(new RegExp(`there is none yet: create A40-4Q ${four(2)[0]} on 0000:41:`));
  });

  test("one of another type is counted as what it is", async () => {
    on.host.now = card(four(1), four(2), [four(3)[0], "A40-4A", "00.6"], [a, "A40-4A", "01.0"]);
    const { inputs: seen } = await read();
    expect(seen!.vgpus).toEqual({ "A40-4Q": 2, "A40-4A": 1 });
    expect(seen!.named).toEqual({ cad: { type: "A40-4A", uuid: a } });
  });

  test("is seen in the same way by a second refresh", async () => {
    on.host.now = card(four(1), [four(3)[0], "A40-4A", "00.6"], [a, "A40-4A", "01.0"]);
    const first = await read();
    expect(await on.layout.read("x", first.props!)).toEqual(first);
  });

  test("all gone leaves an empty layout, which is still one", async () => {
    on.host.now = card();
    const { id, inputs: seen, props } = await read();
    expect(id).toBe("x");
    expect(seen).toMatchObject({ vgpus: { "A40-4Q": 0 }, named: {} });
    expect(props!.all).toEqual({});
  });

  test("what others made is neither counted nor touched", async () => {
    const { vgpus, ...facts } = on.host.now;
    on.host.now = { ...facts, vgpus: [...vgpus, { ...vgpus[0]!, uuid: "99999999-1111-4222-8333-000000000099", function: pciAddress("0000:41:02.0") }] };
    const { inputs: seen, props } = await read();
    expect(seen!.vgpus).toEqual({ "A40-4Q": 3 });
    expect(props!.pending).toEqual([]);
  });
});

test("delete takes all of its own, and nothing else", async () => {
  on.host.becomes = card();
  await on.layout.delete("x", last);
  const { wanted, unwanted } = on.host.asked.at(-1)!.desire as CardDesire;
  expect(wanted).toEqual([]);
  expect(unwanted.map(({ uuid }) => uuid).sort()).toEqual([four(1)[0], four(2)[0], four(3)[0], a].sort());
});

test("another card is another layout; another word for this one is not", async () => {
  const diff = async (gpu: unknown) => (await on.layout.diff("x", last, { ...last, gpu })).replaces;
  expect(await diff({ address: "0000:c1:00.0" })).toEqual(["gpu"]);
  expect((await on.layout.diff("x", { ...last, gpu: { model: "A40" } }, last)).replaces).toEqual([]);
});
