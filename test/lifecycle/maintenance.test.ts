import { beforeEach, describe, expect, test } from "vitest";
import type { State } from "../../provider/lifecycle/state";
import { pciAddress } from "../../provider/model/pci-address";
import type { Stage } from "./fake-host";
import { away, checked, factsOf, owner, stage } from "./fake-host";

const uuid = "00000043-1111-4222-8333-000000000043";
const wanted = { gpu: "41:00.0", type: "A40-4A", uuid };
const because = "DIMM, ticket 4711";

let last: State;
let on: Stage;
const inputsFor = (more: object = {}): Promise<State> =>
  checked(on.vgpu, "MdevVgpu", "cad", { ...wanted, ...more }, last);
const inMaintenance = async (more: object = {}): Promise<State> =>
  (await on.vgpu.update(uuid, last, await inputsFor({ maintenance: because, ...more }))).outs;

beforeEach(async () => {
  const facts = {
    ...factsOf("debian-12-a40-mdev"),
    records: [{ uuid, function: pciAddress("0000:41:01.1"), typeId: 570, owner }],
  };
  on = stage(facts);
  ({ outs: last } = await on.vgpu.create(await checked(on.vgpu, "MdevVgpu", "cad", wanted)));
  on = stage(structuredClone(facts));
  on.host.away = away();
});

describe("a host in maintenance", () => {
  test("is not contacted when maintenance begins, whatever else is declared, and the state stays", async () => {
    expect(await inMaintenance({ type: "A40-8Q" })).toEqual({ ...last, maintenance: because, __provider: undefined });
    expect(on.host.asked).toEqual([]);
    expect(on.said.map(({ message }) => message)).toEqual([
      `[cad@gpu01.example] is skipped because it is in maintenance: ${because}`,
    ]);
  });

  test("loses the output unreachable", async () => {
    last = { ...last, unreachable: "no route" };
    expect(await inMaintenance()).not.toHaveProperty("unreachable");
  });

  test("is not read by a refresh", async () => {
    const outs = await inMaintenance();
    expect(await on.vgpu.read(uuid, { ...outs, __provider: "x" })).toEqual({ id: uuid, props: outs });
    expect(on.host.looks).toBe(0);
  });

  test("has no difference, whatever else is declared", async () => {
    const outs = await inMaintenance();
    expect(await on.vgpu.diff(uuid, outs, await inputsFor({ maintenance: because, type: "A40-8Q" }))).toMatchObject({
      changes: false,
    });
  });

  test("is an update, even if the host was unreachable", async () => {
    const unreachable = { ...last, unreachable: "no route" };
    expect(await on.vgpu.diff(uuid, unreachable, await inputsFor({ maintenance: because }))).toMatchObject({
      changes: true,
      replaces: [],
    });
  });

  test("gets a state for a new resource without being contacted", async () => {
    const inputs = await checked(on.vgpu, "MdevVgpu", "new", { ...wanted, maintenance: because });
    const { id, outs } = await on.vgpu.create(inputs);
    expect(id).toBe(uuid);
    expect(outs).toMatchObject({ maintenance: because, type: "A40-4A", pending: [] });
    expect(on.host.asked).toEqual([]);
  });
});

describe("after maintenance", () => {
  test("changes that were declared meanwhile are a difference, and are applied", async () => {
    const outs = await inMaintenance({ type: "A40-8Q" });
    on.host.away = undefined;
    const inputs = await inputsFor({ type: "A40-8Q" });
    expect(await on.vgpu.diff(uuid, outs, inputs)).toMatchObject({ changes: undefined });
    await on.vgpu.update(uuid, outs, inputs).catch(() => undefined);
    expect(on.host.asked[0]!.goal).toMatchObject({ desired: [{ uuid, type: "A40-8Q" }] });
  });

  test("the host is inspected even if nothing else changed", async () => {
    const outs = await inMaintenance();
    on.host.away = undefined;
    const inputs = await inputsFor();
    expect(await on.vgpu.diff(uuid, outs, inputs)).toMatchObject({ changes: undefined });
    expect((await on.vgpu.update(uuid, outs, inputs)).outs).not.toHaveProperty("maintenance");
  });
});
