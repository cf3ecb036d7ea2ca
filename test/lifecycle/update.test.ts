import { beforeEach, describe, expect, test } from "vitest";
import type { PartialFailure } from "../../provider/lifecycle/engine/errors";
import type { State } from "../../provider/lifecycle/state";
import { UserError } from "../../provider/model/errors";
import type { HostFacts } from "../../provider/model/facts/host-facts";
import { pciAddress } from "../../provider/model/pci-address";
import type { Stage } from "./fake-host";
import { away, checked, connection, factsOf, madeAt, owner, stage } from "./fake-host";

const uuid = "00000043-1111-4222-8333-000000000043";
const wanted = { gpu: "41:00.0", type: "A40-4A", uuid };
const later = "2026-02-02T02:02:02.000Z";

let facts: HostFacts;
let last: State;
let on: Stage;
const inputsFor = (more: object = {}): Promise<State> =>
  checked(on.vgpu, "MdevVgpu", "cad", { ...wanted, ...more }, last);

beforeEach(async () => {
  facts = {
    ...factsOf("debian-12-a40-mdev"),
    records: [{ uuid, function: pciAddress("0000:41:01.1"), typeId: 570, owner }],
  };
  const before = stage(facts);
  ({ outs: last } = await before.vgpu.create(await checked(before.vgpu, "MdevVgpu", "cad", wanted)));
  on = stage(structuredClone(facts), later);
});

/** The vGPU with another type, as a change of its type leaves it. */
const retyped = (): HostFacts => ({
  ...facts,
  vgpus: facts.vgpus.map((vgpu) => (vgpu.uuid === uuid ? { ...vgpu, type: { id: 560, name: "NVIDIA A40-4Q" } } : vgpu)),
  records: [{ uuid, function: pciAddress("0000:41:01.1"), typeId: 560, owner }],
});

describe("appliedAt", () => {
  test("stays if nothing was changed", async () => {
    const { outs } = await on.vgpu.update(uuid, last, await inputsFor({ dependencyAppliedAt: "2026-02-01" }));
    expect(outs).toMatchObject({ appliedAt: madeAt, dependencyAppliedAt: "2026-02-01", pending: [] });
  });

  test("is new after a change", async () => {
    on.host.becomes = retyped();
    const { outs } = await on.vgpu.update(uuid, last, await inputsFor({ type: "A40-4Q" }));
    expect(outs).toMatchObject({ appliedAt: later, typeName: "NVIDIA A40-4Q" });
  });

  test("is new after a change that failed in part", async () => {
    on.host.becomes = retyped();
    on.host.failure = new UserError({ action: "finish", cause: "no" });
    const error = await on.vgpu
      .update(uuid, last, await inputsFor({ type: "A40-4Q" }))
      .catch((thrown: PartialFailure) => thrown);
    expect(error).toMatchObject({ properties: { appliedAt: later } });
  });
});

test("a changed type keeps the UUID: it is an update in place", async () => {
  on.host.becomes = retyped();
  await on.vgpu.update(uuid, last, await inputsFor({ type: "A40-4Q" }));
  expect(on.host.asked[0]!.goal).toMatchObject({ desired: [{ uuid, type: "A40-4Q" }], obsolete: [] });
});

describe("another connection", () => {
  const moved = { ...connection, host: "10.0.0.7" };

  test("to the same machine is stored, and changes nothing", async () => {
    const { outs } = await on.vgpu.update(uuid, last, await inputsFor({ connection: moved }));
    expect(on.connections).toEqual([moved]);
    expect(on.host.asked[0]).toMatchObject({ expectedIdentity: last.identity });
    expect(outs).toMatchObject({ connection: moved, appliedAt: madeAt, identity: last.identity as object });
  });

  test("to another machine is refused, and the state stays", async () => {
    on.host.away = new UserError({ action: "change the host", cause: "another machine answers at this address" });
    const error = await on.vgpu
      .update(uuid, last, await inputsFor({ connection: moved }))
      .catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ message: "Could not change the host: another machine answers at this address." });
    expect(error).not.toHaveProperty("id");
  });
});

test("an update removes the output unreachable", async () => {
  const { outs } = await on.vgpu.update(uuid, { ...last, unreachable: "it was away" }, await inputsFor());
  expect(outs).not.toHaveProperty("unreachable");
});

test("an update of an unreachable host leaves the state unchanged", async () => {
  on.host.away = away();
  const error = await on.vgpu.update(uuid, last, await inputsFor()).catch((thrown: Error) => thrown);
  expect(error).not.toHaveProperty("id");
});

test("after a failure the state has the observed arguments, so that the next diff finds what is missing", async () => {
  on.host.becomes = facts;
  on.host.failure = new UserError({ action: "create the vGPUs", cause: "no" });
  const inputs = await inputsFor({ type: "A40-4Q" });
  const { properties } = (await on.vgpu
    .update(uuid, last, inputs)
    .catch((thrown: PartialFailure) => thrown)) as PartialFailure;
  expect(properties).toMatchObject({ type: "A40-4A", typeName: "NVIDIA A40-4A" });
  expect(await on.vgpu.diff(uuid, properties, inputs)).toMatchObject({ changes: true, replaces: [] });
});
