import { describe, expect, test } from "vitest";
import type { HostFacts } from "../../../provider/model/facts/host-facts";
import type { GpuRecord } from "../../../provider/model/facts/restore";
import { GpuSelector } from "../../../provider/model/gpu-selector";
import { pciAddress } from "../../../provider/model/pci-address";
import { vgpuTypeName } from "../../../provider/model/vgpu-type";
import type { Goal, MigGoal, SriovGoal, VgpuGoal } from "../../../provider/plan";
import { plan } from "../../../provider/plan";
import { claimBy } from "../claim";
import { address, hostWithA100 } from "../mig/a100";

const digest = "aaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb";
const uuid = "11111111-1111-4111-8111-111111111111";
const common = { claim: claimBy("me"), restorer: digest };
const gpu = GpuSelector.parse(address);
const vfs: SriovGoal = { ...common, kind: "sriov", key: "vfs", state: "enabled", gpus: [gpu] };
const mode = (more: Partial<MigGoal["arguments"]> = {}, goal: Partial<MigGoal> = {}): MigGoal => ({
  ...common,
  kind: "mig",
  key: "mig",
  arguments: { enabled: [gpu], disabled: [], reboot: "never", ...more },
  ...goal,
});
const off = { enabled: [], disabled: [gpu] };
const layout: VgpuGoal = {
  ...common,
  kind: "vgpus",
  key: "layout",
  gpu,
  desired: [{ uuid, type: vgpuTypeName("A100-3-20C"), interchangeable: false }],
  obsolete: [],
  managesWholeGpu: true,
};

/** The unit after a boot without a failure. */
const unit = { name: "nvidia-vgpu-restore.service", present: true, enabled: "enabled" };
const ended = { active: "active", sub: "exited", result: "success", exitStatus: 0 };
const gpuUuid = "GPU-00000100-1111-4222-8333-000000000100";

function a100(on: Parameters<typeof hostWithA100>[0] = {}): HostFacts {
  const facts = hostWithA100(on);
  return { ...facts, gpus: facts.gpus.map((one) => ({ ...one, uuid: gpuUuid })) };
}

/** An A100 in MIG mode, with a record of its VFs. */
function recorded(more: Partial<GpuRecord> = {}, on: Parameters<typeof hostWithA100>[0] = {}): HostFacts {
  const facts = a100(on);
  const before = { mig: true, migOwner: "", mixedSizes: false, instances: "" };
  const record = { uuid: gpuUuid, address, vfs: 16, ...before, owner: "me", ...more };
  return { ...facts, restore: { ...facts.restore, digest, unit: { ...unit, ...ended }, gpus: [record] } };
}
const commands = (goals: Goal[], facts: HostFacts) =>
  plan(facts, goals).steps.map(({ command }) => command.filter((word) => !/^(owner|instance|resource)=/.test(word)));

test("the record of virtual functions has MIG mode, and is written again when the mode has changed", () => {
  const record = ["record_gpu", gpuUuid, address, "16", "mig=on"];
  expect(commands([vfs], a100())).toContainEqual(record);
  expect(commands([vfs], recorded())).not.toContainEqual(record);
  expect(commands([vfs], recorded({ mig: false }))).toContainEqual(record);
  const isOff = { mode: { current: false, pending: false } };
  const noMode = ["record_gpu", gpuUuid, address, "16", "mig=", "instances="];
  expect(commands([vfs], recorded({ instances: "9@4" }, isOff))).toContainEqual(noMode);
});

test("a mode that could not be read, or changes by the same plan, is not recorded with virtual functions", () => {
  const unread = recorded({ mig: false });
  const gpus = unread.gpus.map((one) => ({ ...one, mig: { unknown: "nvidia-smi timed out" } }));
  expect(commands([vfs], { ...unread, gpus })).toEqual([]);
  expect(commands([vfs, mode(off)], recorded()).map(([name]) => name)).not.toContain("record_gpu");
});

test("the GPU instances of a layout are recorded after they are created, with those that are there", () => {
  const facts = recorded({}, { instances: [[19, 0]] });
  const { steps } = plan(facts, [layout]);
  const step = steps.find(({ command }) => command[0] === "change_gpu_record")!;
  expect(step.command[2]).toBe("instances=9@4 19@0");
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
  expect(names(recorded({ instances: "9@4" }, there))).not.toContain("change_gpu_record");
  expect(names(recorded({}, there))).toContain("change_gpu_record");
  expect(names(a100(there))).not.toContain("change_gpu_record");
});

describe("MIG mode without virtual functions of the same program", () => {
  const noVfs = { vfs: "off" as const };
  const inMode = ["change_gpu_record", gpuUuid, `address=${address}`, "mig=on", "mig_owner=me"];
  const bare = (more: Partial<GpuRecord> = {}) => recorded({ vfs: 0, owner: "", migOwner: "me", ...more }, noVfs);

  test("is recorded after it is turned on, and the restorer is installed", () => {
    const facts = a100({ ...noVfs, mode: { current: false, pending: false } });
    const { steps } = plan(facts, [mode()]);
    expect(steps.map(({ command }) => command)).toEqual([
      ["set_mig_mode", address, "1"],
      inMode,
      ["install_restorer", digest],
    ]);
    expect(steps[1]!.dependsOn).toEqual([steps[0]!.id]);
  });

  test("that is recorded is no step, and neither is one that waits for a reset", () => {
    expect(commands([mode()], bare())).toEqual([]);
    const pending = a100({ ...noVfs, mode: { current: false, pending: true } });
    expect(commands([mode()], pending).map(([name]) => name)).not.toContain("change_gpu_record");
  });

  test("is recorded for its own sake beside virtual functions, and again when the GPU was moved", () => {
    const reasonFor = (record: Partial<GpuRecord>) =>
      plan(recorded(record), [mode()]).steps.map(({ command, reason }) => [command, reason]);
    expect(reasonFor({})).toEqual([[inMode, "it is restored at boot only for virtual functions"]]);
    expect(reasonFor({ migOwner: "me" })).toEqual([]);
    const moved = { migOwner: "me", address: pciAddress("0000:01:00.0") };
    expect(reasonFor(moved)).toEqual([[inMode, "it was recorded at 0000:01:00.0"]]);
  });

  test("that is declared off is taken out of the record, and the restorer goes with the last one", () => {
    const isOff = { mode: { current: false, pending: false } };
    const gone = recorded({ vfs: 0, migOwner: "me" }, { ...noVfs, ...isOff });
    expect(commands([mode(off)], gone)).toEqual([["forget_gpu", gpuUuid], ["remove_restorer"]]);
    expect(commands([mode(off)], recorded({ migOwner: "me", instances: "9@4" }, isOff))).toEqual([
      ["change_gpu_record", gpuUuid, "mig_owner=", "mig=", "instances="],
    ]);
  });

  test("is taken out of the record after it is turned off, and not while it cannot be", () => {
    const { steps } = plan(bare(), [mode(off)]);
    expect(steps.map(({ command }) => command[0])).toEqual(["set_mig_mode", "forget_gpu", "remove_restorer"]);
    expect(steps[1]!.dependsOn).toEqual([steps[0]!.id]);
    const guest = { guest: "web", kind: "libvirt", running: true } as const;
    const used = recorded({ migOwner: "me" }, { vgpus: [{ type: "2-10C", on: 0, users: [guest] }] });
    expect(commands([mode(off)], used)).toEqual([]);
  });

  test("with restoreAtBoot: false is not recorded, and leaves it to the virtual functions", () => {
    const without = mode({}, { restorer: undefined });
    expect(commands([without], a100(noVfs))).toEqual([]);
    expect(commands([without], bare())).toEqual([["forget_gpu", gpuUuid], ["remove_restorer"]]);
    expect(commands([without], bare({ migOwner: "them" }))).toEqual([]);
    expect(commands([without], recorded({ migOwner: "me" }))).toEqual([["change_gpu_record", gpuUuid, "mig_owner="]]);
  });

  test("stays recorded when virtual functions are disabled, or not to be restored", () => {
    const vfKeys = ["vfs=", "owner=", "instance=", "resource="];
    const disabled: SriovGoal = { ...vfs, state: "disabled", restorer: undefined };
    const record = { migOwner: "me", instances: "9@4" };
    expect(plan(recorded(record), [disabled]).steps.map(({ command }) => command)).toContainEqual([
      "change_gpu_record",
      gpuUuid,
      ...vfKeys,
      "instances=",
    ]);
    const steps = plan(recorded(record), [{ ...vfs, restorer: undefined }]).steps;
    expect(steps.map(({ command }) => command)).toEqual([["change_gpu_record", gpuUuid, ...vfKeys]]);
    expect(commands([disabled], recorded({}))).toContainEqual(["forget_gpu", gpuUuid]);
  });

  test("of a GPU that is gone is forgotten with its resource", () => {
    const pin = { uuid: gpuUuid, address, selector: gpu };
    const facts = { ...bare(), gpus: [] };
    expect(commands([mode(off, { restorer: undefined, isDeleted: true, pins: [pin] })], facts)).toEqual([
      ["forget_gpu", gpuUuid],
      ["remove_restorer"],
    ]);
  });

  test("that the boot did not restore has the sentence of the restorer, and only then the unit is reset", () => {
    const failures = [{ item: gpuUuid, reason: "it takes its MIG mode only at its next reset" }];
    const failed = (facts: HostFacts): HostFacts => ({
      ...facts,
      restore: { ...facts.restore, failures, unit: { ...unit, ...ended, active: "failed" } },
    });
    const isOff = { mode: { current: false, pending: false } };
    const [step] = plan(failed(recorded({ vfs: 0, migOwner: "me" }, { ...noVfs, ...isOff })), [mode()]).steps;
    expect(step!.reason).toBe(
      "MIG mode is off, and was not restored at boot: it takes its MIG mode only at its next reset",
    );
    expect(commands([mode()], failed(bare()))).toEqual([["forget_failed_restore"]]);
  });

  test("has whatever enables virtual functions at boot as a rival, on GPUs that forget the mode", () => {
    const rivalLines = [{ file: "/etc/rc.local", line: "sriov-manage -e ALL" }];
    const withLine = (deviceId: string): HostFacts => {
      const facts = bare();
      return {
        ...facts,
        gpus: facts.gpus.map((one) => ({ ...one, deviceId })),
        restore: { ...facts.restore, rivalLines },
      };
    };
    const reasons = (facts: HostFacts) => plan(facts, [mode()]).blockers.map(({ reason }) => reason);
    expect(reasons(withLine("20f1"))).toEqual([]);
    expect(reasons(withLine("2331"))).toEqual([
      "/etc/rc.local enables virtual functions at boot, too: sriov-manage -e ALL",
    ]);
  });
});
