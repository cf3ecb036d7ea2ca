import { beforeEach, describe, expect, test } from "vitest";
import type { HostFacts } from "../../../provider/model/facts/host-facts";
import type { GpuRecord } from "../../../provider/model/facts/restore";
import { GpuSelector } from "../../../provider/model/gpu-selector";
import { pciAddress } from "../../../provider/model/pci-address";
import { vgpuTypeName } from "../../../provider/model/vgpu-type";
import type { Goal, VgpuGoal } from "../../../provider/plan";
import { plan } from "../../../provider/plan";
import { claimBy } from "../claim";
import { ModelHost } from "../model/host";

const digest = "aaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb";
const address = pciAddress("0000:41:00.0");
const gpuUuid = "GPU-00000a40-1111-4222-8333-000000000a40";
const uuids = ["11111111-1111-4111-8111-111111111111", "22222222-1111-4111-8111-111111111111"];

let host: ModelHost;
beforeEach(() => {
  host = new ModelHost();
  host.add("A40", address).uuid = gpuUuid;
  host.restorer = digest;
});

const layout = (types: string[], more: Partial<VgpuGoal> = {}): VgpuGoal => ({
  kind: "vgpus",
  key: "layout",
  claim: claimBy("me"),
  gpu: GpuSelector.parse(address),
  desired: types.map((type, n) => ({ uuid: uuids[n]!, type: vgpuTypeName(type), interchangeable: false })),
  obsolete: [],
  managesWholeGpu: true,
  restorer: digest,
  ...more,
});

/** The host with the mode, and a record of the GPU; `null`: without one. */
function facts(mixedSizes: "on" | "off" | null, record: Partial<GpuRecord> | null = {}): HostFacts {
  const found = host.facts();
  const before = { mig: false, migOwner: "", mixedSizes: false, instances: "", owner: "me" };
  const gpus = record ? [{ uuid: gpuUuid, address, vfs: 32, ...before, ...record }] : [];
  return {
    ...found,
    gpus: found.gpus.map((gpu) => ({ ...gpu, mixedSizes })),
    restore: { ...found.restore, gpus },
  };
}

const recording = (goals: Goal[], on: HostFacts) =>
  plan(on, goals).steps.flatMap(({ command, reason }) =>
    command.some((word) => word.startsWith("mixed=")) ? [[command, reason]] : [],
  );
const on = ["change_gpu_record", gpuUuid, "mixed=on"];
const off = ["change_gpu_record", gpuUuid, "mixed="];

describe("mixed-size mode of a GPU with restored vGPUs", () => {
  test("is recorded after the layout has turned it on", () => {
    const { steps, blockers } = plan(facts("off"), [layout(["A40-8Q", "A40-16Q"])]);
    expect(blockers).toEqual([]);
    const set = steps.find(({ command }) => command[0] === "set_mixed_sizes")!;
    const record = steps.find(({ command }) => command.includes("mixed=on"))!;
    expect(record).toMatchObject({ command: on, dependsOn: [set.id], reason: "it is not restored at boot yet" });
  });

  test("is recorded where it is on already, once", () => {
    const goal = layout(["A40-8Q"]);
    expect(recording([goal], facts("on"))).toEqual([[on, "it is not restored at boot yet"]]);
    expect(recording([goal], facts("on", { mixedSizes: true }))).toEqual([]);
    expect(recording([layout(["A40-8Q"], { restorer: undefined })], facts("on"))).toEqual([]);
  });

  test("leaves the record where it is off by declaration, and not because a boot lost it", () => {
    const goal = layout(["A40-8Q"]);
    expect(recording([goal], facts("off", { mixedSizes: true }))).toEqual([]);
    for (const { command } of plan(facts("off"), [goal]).steps) host.run(command);
    expect(recording([goal], facts("off", { mixedSizes: true }))).toEqual([
      [off, "it is off, and would be turned on at boot"],
    ]);
  });

  test("that could not be read changes no record", () => {
    expect(recording([layout(["A40-8Q"])], facts(null, { mixedSizes: true }))).toEqual([]);
    expect(recording([layout(["A40-8Q"])], facts(null))).toEqual([]);
  });

  test("is not recorded where another program enables the virtual functions, which would take it along", () => {
    expect(recording([layout(["A40-8Q"])], facts("on", null))).toEqual([]);
    expect(recording([layout(["A40-8Q"])], facts("on", { vfs: 0, migOwner: "me" }))).toEqual([]);
  });

  test("that the boot did not restore has the sentence of the restorer", () => {
    const lost = facts("off", { mixedSizes: true });
    const failures = [{ item: gpuUuid, reason: "it has a vGPU" }];
    const { steps } = plan({ ...lost, restore: { ...lost.restore, failures } }, [layout(["A40-8Q", "A40-16Q"])]);
    expect(steps.find(({ command }) => command[0] === "set_mixed_sizes")!.reason).toMatch(
      /, and was not restored at boot: it has a vGPU$/,
    );
  });
});

describe("mixed-size mode of a GPU without virtual functions, as on a V100 (B155),", () => {
  const [first, second] = uuids as [string, string];
  const twice = layout(["T4-4Q", "T4-4Q"]);
  const own = { vfs: 0, owner: "", mixedSizes: true };
  const commandsOf = (goal: Goal, on: HostFacts) =>
    plan(on, [goal]).steps.map(({ command }) => command.slice(0, 2).join(" "));

  beforeEach(() => {
    host = new ModelHost();
    host.add("T4", address).uuid = gpuUuid;
    host.restorer = digest;
    for (const { command } of plan(host.facts(), [twice]).steps) host.run(command);
  });

  test("makes a record of its own", () => {
    const recorded = ["change_gpu_record", gpuUuid, `address=${address}`, "mixed=on"];
    expect(recording([twice], facts("on", null))).toEqual([[recorded, "it is not restored at boot yet"]]);
    expect(commandsOf(twice, facts("on", own))).toEqual([]);
  });

  test("is forgotten with the last vGPU that is restored there, and with no other", () => {
    const gone = (...which: string[]) =>
      layout([], {
        obsolete: which.map((uuid) => ({ uuid, function: address, typeId: host.vgpus[0]!.type.id })),
        restorer: undefined,
      });
    expect(commandsOf(gone(second), facts("on", own))).toEqual([`remove_mdev ${second}`]);
    expect(commandsOf(gone(first, second), facts("on", own))).toEqual([
      `remove_mdev ${first}`,
      `remove_mdev ${second}`,
      `forget_gpu ${gpuUuid}`,
      "remove_restorer",
    ]);
  });
});
