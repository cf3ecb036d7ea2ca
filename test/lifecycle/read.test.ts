import { beforeEach, describe, expect, test } from "vitest";
import type { State } from "../../provider/lifecycle/state";
import type { HostFacts } from "../../provider/model/facts/host-facts";
import { pciAddress } from "../../provider/model/pci-address";
import { unknown } from "../../provider/model/unknown";
import { asUser, unreadableRecords } from "../plan/as-user";
import type { Stage } from "./fake-host";
import { away, checked, connection, factsOf, madeAt, owner, provider, stage, urnOf } from "./fake-host";

const uuid = "00000043-1111-4222-8333-000000000043";

let facts: HostFacts;
let last: State;
let on: Stage;

beforeEach(async () => {
  facts = {
    ...factsOf("debian-12-a40-mdev"),
    records: [{ uuid, function: pciAddress("0000:41:01.1"), typeId: 570, owner }],
  };
  const before = stage(facts);
  const inputs = await checked(before.vgpu, "MdevVgpu", "cad", {
    gpu: "41:00.0",
    type: "A40-4A",
    uuid,
    dependencyAppliedAt: "1",
  });
  last = { ...(await before.vgpu.create(inputs)).outs, __provider: provider };
  on = stage(structuredClone(facts), "2027-01-01T00:00:00.000Z");
});

const vgpus = (change: (vgpu: HostFacts["vgpus"][number]) => Partial<HostFacts["vgpus"][number]> | null) =>
  facts.vgpus.flatMap((vgpu) => {
    const changed = vgpu.uuid === uuid ? change(vgpu) : {};
    return changed ? [{ ...vgpu, ...changed }] : [];
  });

test("a refresh of a host in sync changes nothing and warns of nothing", async () => {
  const { id, props, inputs } = await on.vgpu.read(uuid, last);
  const { __provider, ...state } = last;
  expect({ id, props }).toEqual({ id: uuid, props: state });
  expect(inputs).toEqual({
    gpu: { address: "0000:41:00.0" },
    type: "A40-4A",
    uuid,
    restoreAtBoot: true,
    dependencyAppliedAt: "1",
    connection,
    __urn: urnOf("MdevVgpu", "cad"),
  });
  expect(on.said.filter(({ severity }) => severity !== "info")).toEqual([]);
  expect(on.host.asked).toEqual([]);
});

test("unmanaged vGPUs are reported once in a run, and change nothing", async () => {
  const { props } = await on.vgpu.read(uuid, last);
  await on.vgpu.read(uuid, last);
  expect(on.said).toMatchObject([
    {
      severity: "info",
      ephemeral: false,
      message: expect.stringMatching(/has vGPUs without a record: .*; they stay$/) as string,
    },
  ]);
  expect(props!.pending).toEqual([]);
});

describe("a vGPU of another resource of the stack", () => {
  const siblings = ["00000041-1111-4222-8333-000000000041", "00000042-1111-4222-8333-000000000042"];
  const notes = () => on.said.filter(({ message }) => message.includes("record"));

  test("is not reported as unmanaged if it is declared and has no record", async () => {
    for (const [i, other] of siblings.entries())
      await checked(on.vgpu, "MdevVgpu", `other-${i}`, { gpu: "41:00.0", type: "A40-4Q", uuid: other });
    await on.vgpu.read(uuid, last);
    expect(notes()).toEqual([]);
  });

  test("is not reported as unmanaged if it is in a state of any kind", async () => {
    const layout = {
      ...last,
      __urn: urnOf("VgpuLayout", "l"),
      instances: Object.fromEntries(
        siblings.map((other, i) => [`A40-4Q#${i}`, { uuid: other, parentAddress: "0000:41:00.4", typeId: 560 }]),
      ),
    };
    await on.layout.diff("l", layout, layout);
    await on.vgpu.read(uuid, last);
    expect(notes()).toEqual([]);
  });
});

test("a refresh uses the connection of the state", async () => {
  await on.vgpu.read(uuid, { ...last, connection: { host: "10.0.0.9" } });
  expect(on.connections).toEqual([{ host: "10.0.0.9" }]);
});

describe("drift", () => {
  beforeEach(() => {
    on.host.now = { ...facts, vgpus: vgpus(() => ({ type: { id: 560, name: "NVIDIA A40-4Q" } })) };
  });

  test("is in the returned inputs, so that a diff shows it", async () => {
    const { props, inputs } = await on.vgpu.read(uuid, last);
    expect(inputs).toMatchObject({ type: "A40-4Q", uuid });
    expect(props).toMatchObject({ type: "A40-4Q", typeName: "NVIDIA A40-4Q", typeId: 560 });
  });

  test("is reported in a sentence on the row of the resource", async () => {
    await on.vgpu.read(uuid, last);
    expect(on.said[0]).toMatchObject({ urn: urnOf("MdevVgpu", "cad"), severity: "warning", ephemeral: false });
    expect(on.said[0]!.message).toMatch(/^\[cad@gpu01\.example\] A40-4Q .*instead of A40-4A\.$/);
  });

  test("is pending, and not hidden by a new appliedAt", async () => {
    const { props } = await on.vgpu.read(uuid, last);
    expect(props!.pending).toContainEqual(expect.stringMatching(/^A40-4Q .*instead of A40-4A: create A40-4A /));
    expect(props!.appliedAt).toBe(madeAt);
  });
});

test("drift that a refresh has stored is reported again by the next refresh", async () => {
  on.host.now = { ...facts, vgpus: vgpus(() => ({ type: { id: 560, name: "NVIDIA A40-4Q" } })) };
  const first = await on.vgpu.read(uuid, last);
  on.said.length = 0;
  const second = await on.vgpu.read(uuid, { ...first.props, __provider: provider });
  expect(second).toEqual(first);
  expect(on.said[0]!.message).toContain("instead of A40-4A");
  on.host.now = facts;
  const { __provider, ...state } = last;
  expect((await on.vgpu.read(uuid, second.props!)).props).toEqual(state);
});

test("pending work is planned again by a refresh, which erases what Pulumi knows of a failure", async () => {
  const { props } = await on.vgpu.read(uuid, { ...last, pending: ["something that was done since."] });
  expect(props!.pending).toEqual([]);
});

describe("a missing vGPU", () => {
  beforeEach(() => {
    on.host.now = { ...facts, vgpus: vgpus(() => null) };
  });

  test("is removed from the state, with a warning", async () => {
    expect(await on.vgpu.read(uuid, last)).toEqual({});
    expect(on.said.at(-1)!.message).toContain("is gone");
  });

  test("stays in the state if a reboot removed it, so that it is created again with its UUID, also after a rename", async () => {
    on.host.now = {
      ...on.host.now,
      records: [{ uuid, function: pciAddress("0000:41:01.1"), typeId: 570, owner, boot: "an earlier one" }],
    };
    const renamed = { ...last, __urn: urnOf("MdevVgpu", "renamed") };
    expect(await on.vgpu.read(uuid, renamed)).toMatchObject({
      id: uuid,
      inputs: { uuid },
      props: { uuid, pending: [expect.any(String)] },
    });
  });

  test("stays in the state if not everything could be read", async () => {
    on.host.now = { ...on.host.now, records: unknown("no permission") };
    expect(await on.vgpu.read(uuid, last)).toMatchObject({ id: uuid, props: { parentAddress: "0000:41:01.1", uuid } });
    on.host.now = { ...facts, vgpus: [], system: { ...facts.system, root: false } };
    expect(await on.vgpu.read(uuid, last)).toMatchObject({ id: uuid });
  });
});

describe("a host that cannot be read", () => {
  test.each([
    ["is away", () => away(), "connection refused"],
    ["fails in a way that nobody thought of", () => new RangeError("too far"), "RangeError: too far"],
  ])(
    "that %s keeps the state, with the output unreachable and a warning on the row, and does not throw",
    async (_says, error, reason) => {
      on.host.away = error();
      const { id, props, inputs } = await on.vgpu.read(uuid, last);
      const { __provider, ...state } = last;
      expect({ id, inputs }).toEqual({ id: uuid, inputs: undefined });
      expect(props).toEqual({ ...state, unreachable: expect.stringContaining(reason) as string });
      expect(on.said).toMatchObject([
        { severity: "warning", urn: urnOf("MdevVgpu", "cad"), message: expect.stringContaining(reason) as string },
      ]);
    },
  );

  test("keeps the state if its output cannot be parsed", async () => {
    on.host.now = { ...facts, gpus: [null as never] };
    expect(await on.vgpu.read(uuid, last)).toMatchObject({
      id: uuid,
      props: { unreachable: expect.stringContaining("This is a bug") as string },
    });
  });

  test("keeps the state if another machine answers", async () => {
    on.host.now = {
      ...facts,
      system: { ...facts.system, identity: { ...facts.system.identity, productUuid: "ffffffff-0000" } },
      vgpus: [],
    };
    const { id, props } = await on.vgpu.read(uuid, last);
    expect(id).toBe(uuid);
    expect(props!.unreachable).toMatch(
      /another machine answers at this address: product UUID ffffffff-0000 instead of product UUID 4c4c4544/,
    );
    expect(props!.identity).toEqual(last.identity);
  });

  test("loses the output unreachable when it can be read again", async () => {
    const { props } = await on.vgpu.read(uuid, { ...last, unreachable: "it was away" });
    expect(props).not.toHaveProperty("unreachable");
  });

  test("has no secret in the reason", async () => {
    on.host.away = new Error("the password hunter2-hunter2 was refused");
    const { props } = await on.vgpu.read(uuid, { ...last, connection: { host: "h", password: "hunter2-hunter2" } });
    expect(props!.unreachable).toContain("the password [secret] was refused");
  });
});

test("a reinstalled machine is planned again, with a warning", async () => {
  on.host.now = { ...facts, system: { ...facts.system, identity: { ...facts.system.identity, machineId: "new" } } };
  const { props } = await on.vgpu.read(uuid, last);
  expect(on.said[0]).toMatchObject({
    severity: "warning",
    message: expect.stringContaining("reinstalled") as string,
  });
  expect(props!.identity).toMatchObject({ machineId: "new" });
  expect(props).not.toHaveProperty("unreachable");
});

test("parts of the machine's identity that cannot be read are kept", async () => {
  on.host.now = {
    ...facts,
    system: { ...facts.system, identity: { ...facts.system.identity, productUuid: unknown("no permission") } },
  };
  expect((await on.vgpu.read(uuid, last)).props!.identity).toEqual(last.identity);
});

test("only a vGPU can be missing: driver, virtual functions and layout stay in the state", async () => {
  const bare = factsOf("debian-12-bare-nouveau");
  const lives = [
    [on.driver, "VgpuManagerInstall", { version: "550.163.02" }],
    [on.sriov, "SriovEnablement", { gpus: "all" }],
    [on.layout, "VgpuLayout", { gpu: "41:00.0", vgpus: { "A40-4A": 1 } }],
  ] as const;
  on.host.now = bare;
  for (const [life, kind, given] of lives) {
    const state = { ...(await checked(life, kind, "x", given)), schemaVersion: 2, pending: [], appliedAt: "1" };
    expect(await life.read("x", state), kind).toMatchObject({ id: "x", props: { schemaVersion: 2, appliedAt: "1" } });
  }
});

describe("get", () => {
  const given = { connection, __urn: urnOf("MdevVgpu", "cad"), __provider: provider };

  test("reads an unmanaged vGPU by its id alone", async () => {
    const { id, props } = await on.vgpu.read("00000042-1111-4222-8333-000000000042", given);
    expect(id).toBe("00000042-1111-4222-8333-000000000042");
    expect(props).toMatchObject({
      type: "A40-4Q",
      gpuAddress: "0000:41:00.0",
      parentAddress: "0000:41:00.6",
      pending: [],
    });
  });

  test("fails if the object does not exist", async () => {
    await expect(on.vgpu.read("99999999-1111-4222-8333-000000000042", given)).rejects.toThrow(
      "nothing of this kind exists on the host",
    );
    on.host.now = factsOf("debian-12-bare-nouveau");
    await expect(on.driver.read("x", given)).rejects.toThrow("nothing of this kind exists on the host");
    await expect(on.sriov.read("x", given)).rejects.toThrow("nothing of this kind exists on the host");
    await expect(on.layout.read("x", given)).rejects.toThrow("nothing of this kind exists on the host");
  });

  test("fails on an unreachable host, since there is no state to keep", async () => {
    on.host.away = away();
    await expect(on.vgpu.read(uuid, given)).rejects.toThrow("connection refused");
  });

  test("fails with a message for invalid arguments", async () => {
    await expect(on.vgpu.read(uuid, { ...given, connection: { host: 5 }, gpu: "x" })).rejects.toThrow(
      `Could not read ${uuid}: connection.host: Invalid input: expected string, received number; gpu: "x" is not a PCI address such as 0000:82:00.0.`,
    );
  });

  test("reads each kind", async () => {
    expect((await on.driver.read("d", given)).props).toMatchObject({
      version: "550.163.02",
      loadedVersion: "550.163.02",
    });
    expect((await on.sriov.read("s", given)).props).toMatchObject({ gpus: [{ address: "0000:41:00.0" }] });
    const { props } = await on.layout.read("l", { ...given, gpu: "41:00.0" });
    expect(props).toMatchObject({ vgpus: { "A40-4Q": 2, "A40-4A": 1 } });
    expect(Object.keys(props!.instances as object)).toEqual(["A40-4Q#1", "A40-4Q#2", "A40-4A#1"]);
  });

  test("plans nothing, and only reads on refresh, too", async () => {
    const first = await on.vgpu.read("00000042-1111-4222-8333-000000000042", given);
    on.said.length = 0;
    on.host.now = {
      ...facts,
      records: [{ uuid: first.id!, function: pciAddress("0000:41:00.6"), typeId: 560, owner: "acme/other#1" }],
    };
    expect((await on.vgpu.read(first.id!, first.props!)).props).toMatchObject({ pending: [], type: "A40-4Q" });
    expect(on.said).toEqual([]);
    on.host.away = away();
    expect((await on.vgpu.read(first.id!, first.props!)).props).toMatchObject({
      unreachable: expect.stringContaining("refused") as string,
    });
  });
});

describe("a refresh by a login that is not root", () => {
  const unread = expect.stringMatching(
    /not readable without root: who uses GPUs and vGPUs, whether the host is idle, the product UUID$/,
  ) as string;

  test("finds a host in sync, and names once in a run what could not be read", async () => {
    on = stage(asUser(structuredClone(facts)));
    const { props } = await on.vgpu.read(uuid, last);
    await on.vgpu.read(uuid, last);
    const { __provider, ...state } = last;
    expect(props).toEqual(state);
    expect(on.said.filter(({ severity }) => severity !== "info")).toEqual([]);
    expect(on.said.filter(({ message }) => message.includes("without root"))).toMatchObject([{ message: unread }]);
  });

  test("finds the same as root where a vGPU is gone", async () => {
    const gone = { ...structuredClone(facts), vgpus: vgpus(() => null) };
    const byRoot = await stage(gone).vgpu.read(uuid, last);
    const { props } = await stage(asUser(gone)).vgpu.read(uuid, last);
    expect(byRoot.id).toBeUndefined();
    expect(props?.pending).toEqual([expect.stringContaining("A40-4A")]);
  });

  test("compares no vGPUs where their records are not readable, and does not report them as in sync", async () => {
    on = stage(asUser({ ...structuredClone(facts), records: unreadableRecords }));
    const { props } = await on.vgpu.read(uuid, last);
    expect(props?.pending).toEqual([]);
    expect(on.said.map(({ message }) => message).join("\n")).toMatch(/whether the vGPUs are in sync is not known/);
  });

  test("takes parameters that only root can read for no difference", async () => {
    const unreadParameters = { parameters: "", parametersUnread: true as const };
    on = stage(asUser({ ...structuredClone(facts), vgpus: vgpus(() => unreadParameters) }));
    const { props } = await on.vgpu.read(uuid, { ...last, parameters: "frame_rate_limiter=0" });
    expect(props).toMatchObject({ pending: [], parameters: "frame_rate_limiter=0" });
  });
});
