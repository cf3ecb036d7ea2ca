import { expect, test } from "vitest";
import type { HostFacts } from "../../../provider/model/facts/host-facts";
import type { GpuRecord } from "../../../provider/model/facts/restore";
import { GpuSelector } from "../../../provider/model/gpu-selector";
import { vgpuTypeName } from "../../../provider/model/vgpu-type";
import type { Goal, SriovGoal, VgpuGoal } from "../../../provider/plan";
import { plan } from "../../../provider/plan";
import { claimBy } from "../claim";
import { address, hostWithA100 } from "../mig/a100";

const digest = "aaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb";
const uuid = "11111111-1111-4111-8111-111111111111";
const common = { claim: claimBy("me"), restorer: digest };
const gpu = GpuSelector.parse(address);
const vfs: SriovGoal = { ...common, kind: "sriov", key: "vfs", state: "enabled", gpus: [gpu] };
const layout: VgpuGoal = {
  ...common,
  kind: "vgpus",
  key: "layout",
  gpu,
  desired: [{ uuid, type: vgpuTypeName("A100-3-20C"), interchangeable: false }],
  obsolete: [],
  managesWholeGpu: true,
};

const gpuUuid = "GPU-00000100-1111-4222-8333-000000000100";

function a100(on: Parameters<typeof hostWithA100>[0] = {}): HostFacts {
  const facts = hostWithA100(on);
  return { ...facts, gpus: facts.gpus.map((one) => ({ ...one, uuid: gpuUuid })) };
}

/** An A100 in MIG mode, with a record of its VFs. */
function recorded(more: Partial<GpuRecord> = {}, on: Parameters<typeof hostWithA100>[0] = {}): HostFacts {
  const facts = a100(on);
  const record = { uuid: gpuUuid, address, vfs: 16, mig: true, instances: "", owner: "me", ...more };
  return { ...facts, restore: { ...facts.restore, digest, gpus: [record] } };
}
const commands = (goals: Goal[], facts: HostFacts) =>
  plan(facts, goals).steps.map(({ command }) => command.filter((word) => !/^(owner|instance|resource)=/.test(word)));

test("the record of virtual functions has MIG mode, and is written again when the mode has changed", () => {
  const record = ["record_gpu", gpuUuid, address, "16", "mig=on"];
  expect(commands([vfs], a100())).toContainEqual(record);
  expect(commands([vfs], recorded())).not.toContainEqual(record);
  expect(commands([vfs], recorded({ mig: false, instances: "9@4" }))).toContainEqual([...record, "instances=9@4"]);
});

test("the GPU instances of a layout are recorded after they are created, with those that are there", () => {
  const facts = recorded({}, { instances: [[19, 0]] });
  const { steps } = plan(facts, [layout]);
  const step = steps.find(({ command }) => command[0] === "record_instances")!;
  expect(step.command[2]).toBe("9@4 19@0");
  const created = steps.find(({ command }) => command[0] === "create_gpu_instance")!;
  expect(step.dependsOn).toContain(created.id);
});

test("nvidia-mig-manager is a blocker on a host with MIG, and on no other", () => {
  const name = "nvidia-mig-manager.service";
  const service = {
    name,
    present: true,
    enabled: "enabled",
    active: "active",
    sub: "",
    result: "success",
    exitStatus: 0,
  };
  const withUnit = (facts: HostFacts) => ({ ...facts, driver: { ...facts.driver, services: [service] } });
  const reasons = (facts: HostFacts) => plan(withUnit(facts), [vfs]).blockers.map(({ reason }) => reason);
  expect(reasons(recorded())).toContain(`${name} sets MIG mode and GPU instances at boot, too`);
  const without = recorded();
  expect(reasons({ ...without, gpus: without.gpus.map((one) => ({ ...one, mig: null })) })).toEqual([]);
});

test("instances that are recorded already, or of a GPU without a record, are no step", () => {
  const there = { instances: [[9, 4] as [number, number]] };
  const names = (facts: HostFacts) => commands([layout], facts).map(([name]) => name);
  expect(names(recorded({ instances: "9@4" }, there))).not.toContain("record_instances");
  expect(names(recorded({}, there))).toContain("record_instances");
  expect(names(a100(there))).not.toContain("record_instances");
});
