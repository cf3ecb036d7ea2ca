import { describe, expect, test } from "vitest";
import { uuidOf } from "../../provider/lifecycle/engine/urn";
import type { State } from "../../provider/lifecycle/state";
import { UserError } from "../../provider/model/errors";
import { pciAddress } from "../../provider/model/pci-address";
import { plan } from "../../provider/plan";
import type { Stage } from "./fake-host";
import { away, checked, factsOf, instance, owner, provider, stage, urnOf } from "./fake-host";

const gpuUuid = "GPU-00000a40-1111-4222-8333-000000000a40";
const uuid = "00000043-1111-4222-8333-000000000043";
const facts = () => ({
  ...factsOf("debian-12-a40-mdev"),
  records: [{ uuid, function: pciAddress("0000:41:01.1"), typeId: 570, owner }],
});
const gone = () => ({ ...facts(), vgpus: facts().vgpus.filter((vgpu) => vgpu.uuid !== uuid), records: [] });

async function made(on: Stage): Promise<State> {
  const inputs = await checked(on.vgpu, "MdevVgpu", "cad", { gpu: "41:00.0", type: "A40-4A", uuid });
  return { ...(await on.vgpu.create(inputs)).outs, __provider: provider };
}

test("delete removes the vGPU by UUID, place and type, on the machine of the state", async () => {
  const on = stage(facts());
  const last = await made(on);
  on.host.becomes = gone();
  await on.vgpu.delete(uuid, last);
  expect(on.host.asked.at(-1)).toMatchObject({
    expectedIdentity: last.identity,
    goal: {
      kind: "vgpus",
      claim: { owner, instance },
      desired: [],
      obsolete: [{ uuid, function: "0000:41:01.1", typeId: 570 }],
    },
  });
});

test("delete of a missing vGPU is no error", async () => {
  const on = stage(facts());
  const last = await made(on);
  on.host.now = gone();
  await on.vgpu.delete(uuid, last);
});

test("delete of a vGPU that was never created changes nothing", async () => {
  const on = stage(facts());
  const { gpuAddress, parentAddress, typeId, instance, ...unmade } = await made(on);
  on.host.asked.length = 0;
  await on.vgpu.delete(uuid, unmade);
  expect(on.host.asked).toEqual([]);
});

test("delete of a vGPU without a place in the state removes what the resource recorded", async () => {
  const on = stage(facts());
  const { gpuAddress, parentAddress, typeId, ...unseen } = await made(on);
  await expect(on.vgpu.delete(uuid, unseen)).rejects.toThrow("it is not declared any more: remove the A40-4A");
});

test("delete of a vGPU in use is an error that names the user, without an id", async () => {
  const on = stage(facts());
  const last = await made(on);
  on.host.failure = new UserError({ action: "remove the vGPUs", cause: "it is used by the guest cad-01" });
  const error = await on.vgpu.delete(uuid, last).catch((thrown: Error) => thrown);
  expect((error as Error).message).toContain("cad-01");
  expect(error).not.toHaveProperty("id");
});

test("delete on an unreachable host names retainOnDelete and state delete", async () => {
  const on = stage(facts());
  const last = await made(on);
  on.host.away = away();
  await expect(on.vgpu.delete(uuid, last)).rejects.toThrow(
    `connection refused. If the host no longer exists, set retainOnDelete on the resource, or run: pulumi state delete '${urnOf("MdevVgpu", "cad")}'.`,
  );
});

test.each([
  ["driver", "VgpuManagerInstall", { version: "550.163.02" }, "uninstall", { kind: "driver", state: "absent" }],
  [
    "sriov",
    "SriovEnablement",
    { gpus: ["41:00.0"] },
    "disable",
    { kind: "sriov", state: "disabled", gpus: [{ uuid: gpuUuid }] },
  ],
] as const)("%s stays by default, and goes when it shall", async (name, kind, given, word, goal) => {
  const on = stage(facts());
  const state = async (more: object) =>
    (await on[name].create(await checked(stage(facts())[name], kind, "x", { ...given, ...more }))).outs;
  const [keep, go] = [await state({}), await state({ onDelete: word })];
  on.host.asked.length = 0;
  await on[name].delete("x", keep);
  expect(on.host.asked).toEqual([]);
  on.host.becomes = { ...factsOf("debian-12-bare-nouveau") };
  await on[name].delete("x", go);
  expect(on.host.asked[0]!.goal).toMatchObject(goal);
});

test("delete with all disables the virtual functions of the state, and none that were enabled since", async () => {
  const on = stage(facts());
  const { outs } = await on.sriov.create(
    await checked(stage(facts()).sriov, "SriovEnablement", "x", { gpus: "all", onDelete: "disable" }),
  );
  on.host.asked.length = 0;
  on.host.becomes = factsOf("debian-12-bare-nouveau");
  await on.sriov.delete("x", outs);
  expect(on.host.asked[0]!.goal).toMatchObject({ gpus: [{ uuid: gpuUuid }] });
});

describe("virtual functions of a GPU with a new address", () => {
  /** The bus is numbered in another way: what was at 41 is at 42, and another A40 with VFs on has its place. */
  const renumbered = () => {
    const {
      gpus: [card],
      ...rest
    } = unused();
    return {
      ...rest,
      gpus: [
        { ...card!, uuid: "GPU-another" },
        { ...card!, address: pciAddress("0000:42:00.0") },
      ],
    };
  };
  const unused = () => {
    const { gpus, ...rest } = facts();
    const free = gpus.map((gpu) => ({ ...gpu, functions: gpu.functions.map((one) => ({ ...one, users: [] })) }));
    return { ...rest, gpus: free, vgpus: [], records: [], holders: [] };
  };
  const enabled = async (on: Stage) =>
    (
      await on.sriov.create(
        await checked(stage(facts()).sriov, "SriovEnablement", "x", { gpus: ["41:00.0"], onDelete: "disable" }),
      )
    ).outs;
  const planned = (on: Stage) => plan(on.host.now, [on.host.asked.at(-1)!.goal]);

  test("are disabled at the new address, and those of the GPU at the old address stay", async () => {
    const on = stage(facts());
    const last = await enabled(on);
    on.host.now = renumbered();
    await on.sriov.delete("x", last).catch(() => {});
    expect(planned(on).steps.map(({ command }) => command)).toEqual([
      ["disable_vfs", "0000:42:00.0"],
      ["forget_gpu", facts().gpus[0]!.uuid],
    ]);
  });

  test("are disabled at the old address if a state of release 0.1 has no UUID", async () => {
    const on = stage(facts());
    const { enabledGpus, __pins: _, ...last } = await enabled(on);
    const [{ uuid: __, ...gpu }] = enabledGpus as [{ uuid: string }];
    on.host.now = unused();
    await on.sriov.delete("x", { ...last, enabledGpus: [gpu] }).catch(() => {});
    expect(planned(on).steps.map(({ command }) => command)).toEqual([
      ["disable_vfs", "0000:41:00.0"],
      ["forget_gpu", facts().gpus[0]!.uuid],
      ["remove_restorer"],
    ]);
  });
});

describe("devices of another resource of the same run stay on delete", () => {
  const make = async (on: Stage, kind: "sriov" | "driver", name: string) => {
    const [type, given] =
      kind === "sriov"
        ? ["SriovEnablement", { gpus: ["41:00.0"], onDelete: "disable" }]
        : ["VgpuManagerInstall", { version: "550.163.02", onDelete: "uninstall" }];
    return (await on[kind].create(await checked(stage(facts())[kind], type as string, name, given as object))).outs;
  };

  test.each(["sriov", "driver"] as const)(
    "%s: of a replacement that was created first, or of a renamed resource",
    async (kind) => {
      const on = stage(facts());
      const old = await make(on, kind, "x");
      const renamed = { ...(await make(stage(facts()), kind, "y")), instance: "another life" };
      const later = stage(facts());
      await later[kind].diff("x", renamed, renamed);
      await later[kind].delete("x", old);
      expect(later.host.asked).toEqual([]);
      expect(later.said.at(-1)).toMatchObject({
        severity: "warning",
        message: expect.stringMatching(/keeps .*, because \w+ y has it too\./) as string,
      });
    },
  );

  test.each(["sriov", "driver"] as const)("%s: of a replacement that is created afterwards", async (kind) => {
    const on = stage(facts());
    const old = await make(on, kind, "x");
    const later = stage(facts());
    await later[kind].check(old, old);
    await later[kind].delete("x", old);
    expect(later.host.asked).toEqual([]);
    expect(later.said.at(-1)).toMatchObject({
      severity: "warning",
      message: expect.stringMatching(/keeps .*, because \w+ x has it too\./) as string,
    });
  });

  test.each(["sriov", "driver"] as const)(
    "%s: removed by the last delete if both resources are deleted",
    async (kind) => {
      const on = stage(facts());
      const x = await make(on, kind, "x");
      const y = { ...(await make(stage(facts()), kind, "y")), instance: "another life" };
      const later = stage(facts());
      for (const state of [x, y]) await later[kind].diff("x", state, state);
      for (const state of [x, y]) await later[kind].delete("x", state).catch(() => {});
      expect(later.host.asked).toHaveLength(1);
      expect(later.said.filter(({ message }) => message.includes("has it too"))).toHaveLength(1);
    },
  );

  test.each(["sriov", "driver"] as const)(
    "%s: removed if only the resource itself has it, or one on another machine",
    async (kind) => {
      const on = stage(facts());
      const old = await make(on, kind, "x");
      const later = stage(facts());
      await later[kind].diff("x", old, old);
      await later[kind].diff("z", { ...old, instance: "elsewhere", identity: { productUuid: "other" } }, old);
      await later[kind].delete("x", old).catch(() => {});
      expect(later.host.asked).toHaveLength(1);
    },
  );
});

describe("a delete warns about vGPUs that stay, with the reason", () => {
  const saidOf = async (record: object, state: State = {}): Promise<string[]> => {
    const on = stage(facts());
    const last = { ...(await made(on)), ...state };
    on.host.now = {
      ...facts(),
      records: [{ uuid, function: pciAddress("0000:41:01.1"), typeId: 570, owner, ...record }],
    };
    on.host.becomes = { ...on.host.now, records: "adopted" in record ? [] : on.host.now.records };
    on.said.length = 0;
    await on.vgpu.delete(uuid, last);
    return on.said
      .filter(({ severity }) => severity === "warning")
      .map(({ message }) => message.replace(/^\[.*?\] /, ""));
  };
  const it = "the A40-4A 00000043-1111-4222-8333-000000000043 on 0000:41:01.1";

  test.each([
    [
      "another owner has it by now",
      { owner: "beta/dev#1f3a9c2d" },
      {},
      `${it} stays: it belongs to beta/dev#1f3a9c2d now`,
    ],
    [
      "another resource has it by now",
      { instance: "another life", resource: "MdevVgpu cad2" },
      {},
      `${it} stays: it belongs to MdevVgpu cad2 now`,
    ],
    ["it was adopted", { adopted: true }, { adopted: true }, `${it} stays: this stack did not create it`],
  ])("%s", async (_, record, state, says) => {
    expect(await saidOf(record, state)).toEqual([says]);
  });

  test("a vGPU stays that other tools created where a reboot had removed one of the layout", async () => {
    const bare = factsOf("ubuntu-24.04-l40s-vendor");
    const at = pciAddress("0001:c8:00.4");
    const vgpus = bare.vgpus.flatMap((vgpu) => (vgpu.function === at ? [{ ...vgpu, users: [], parameters: "" }] : []));
    const uuid = uuidOf(`${urnOf("VgpuLayout", "card")}::L40S-12Q#1`);
    const recorded = (boot: string | null) => ({
      ...bare,
      vgpus,
      records: [{ uuid, function: at, typeId: 1153, owner, boot: boot! }],
    });
    const on = stage(recorded(bare.system.identity.bootId));
    const { outs } = await on.layout.create(
      await checked(on.layout, "VgpuLayout", "card", { gpu: { model: "L40S" }, vgpus: { "L40S-12Q": 1 } }),
    );
    const before = recorded("another boot");
    on.host.now = before;
    const { props } = await on.layout.read("x", outs);
    expect(props!.instances).toEqual({});
    on.said.length = 0;
    on.host.becomes = { ...before, records: [] };
    await on.layout.delete("x", { ...props, __provider: provider });
    expect(on.said.map(({ message }) => message)).toContain(
      `[card@gpu01.example] the L40S-12Q on 0001:c8:00.4 stays: a reboot removed the vGPU ${uuid} that was there, and this stack did not create this one`,
    );
  });
});
