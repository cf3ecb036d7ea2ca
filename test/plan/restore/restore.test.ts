import { beforeEach, describe, expect, test } from "vitest";
import type { HostFacts } from "../../../provider/model/facts/host-facts";
import type { RestoreFacts } from "../../../provider/model/facts/restore";
import { GpuSelector } from "../../../provider/model/gpu-selector";
import { vgpuTypeName } from "../../../provider/model/vgpu-type";
import type { DriverGoal, Goal, SriovGoal, VgpuGoal } from "../../../provider/plan";
import { plan } from "../../../provider/plan";
import { claimBy } from "../claim";
import type { ModelCard } from "../model/cards";
import { functionsOf, typeBy } from "../model/cards";
import { ModelHost } from "../model/host";

const digest = "aaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb";
const unitName = "nvidia-vgpu-restore.service";
const gpu = GpuSelector.parse("0000:41:00.0");
const gpuUuid = "GPU-00000a40-1111-4222-8333-000000000a40";
const uuid = "11111111-1111-4111-8111-111111111111";

let host: ModelHost;
let card: ModelCard;

const vfs = (more: Partial<SriovGoal> = {}): SriovGoal => ({
  kind: "sriov",
  key: "vfs",
  claim: claimBy("me"),
  state: "enabled",
  gpus: [gpu],
  restorer: digest,
  ...more,
});
const layout = (more: Partial<VgpuGoal> = {}): VgpuGoal => ({
  kind: "vgpus",
  key: "layout",
  claim: claimBy("me"),
  gpu,
  desired: [{ uuid, type: vgpuTypeName("A40-12Q"), interchangeable: false }],
  obsolete: [],
  managesWholeGpu: true,
  restorer: digest,
  ...more,
});
const driverAbsent = { kind: "driver", key: "driver", claim: claimBy("me"), state: "absent" } as DriverGoal;

const facts = (restore: Partial<RestoreFacts> = {}): HostFacts => {
  const found = host.facts();
  return { ...found, restore: { ...found.restore, ...restore } };
};
const stepsOf = (goals: Goal[], on = facts()) =>
  plan(on, goals).steps.map(({ command }) => command.slice(0, 2).join(" "));
const reasonOf = (name: string, goals: Goal[], on = facts()) =>
  plan(on, goals).steps.find(({ command }) => command[0] === name)?.reason;
/** Runs all steps, and returns their names. */
function apply(...goals: Goal[]): string[] {
  const { steps, blockers } = plan(facts(), goals);
  expect(blockers).toEqual([]);
  for (const { command } of steps) host.run(command);
  return steps.map(({ command }) => command[0]!);
}
const unit = (more: object): RestoreFacts["unit"] => ({ ...facts().restore.unit!, ...more });

beforeEach(() => {
  host = new ModelHost();
  card = host.add("A40", "0000:41:00.0", false);
  card.uuid = gpuUuid;
});

test("VFs and vGPUs are recorded and the restorer is installed by one plan each, and then nothing is left", () => {
  expect(apply(vfs())).toEqual(["enable_vfs", "record_gpu", "install_restorer"]);
  expect(apply(layout())).toEqual(["create_mdev"]);
  expect(host.records.get(uuid)?.restore).toBe(true);
  expect(stepsOf([vfs(), layout()])).toEqual([]);
});

test("a GPU is recorded only after its VFs are enabled", () => {
  const { steps } = plan(facts(), [vfs()]);
  expect(steps.find(({ command }) => command[0] === "record_gpu")!.dependsOn).toEqual([steps[0]!.id]);
});

test("restoreAtBoot: false writes nothing for the boot, and takes back what was written before", () => {
  const [noVfs, noLayout] = [vfs({ restorer: undefined }), layout({ restorer: undefined })];
  expect(apply(noVfs)).toEqual(["enable_vfs"]);
  expect(apply(noLayout)).toEqual(["create_mdev"]);
  apply(vfs(), layout());
  expect(apply(noVfs)).toEqual(["forget_gpu"]);
  expect(apply(noLayout)).toEqual(["rerecord_vgpu", "remove_restorer"]);
  expect([host.restorer, host.gpuRecords.size, host.records.get(uuid)!.restore]).toEqual([null, 0, undefined]);
  expect(stepsOf([noVfs, noLayout])).toEqual([]);
});

test("a vGPU with a record from before is recorded again", () => {
  apply(vfs({ restorer: undefined }));
  apply(layout({ restorer: undefined }));
  expect(reasonOf("rerecord_vgpu", [layout()])).toBe("it is not restored at boot yet");
});

describe("with everything in place", () => {
  beforeEach(() => {
    apply(vfs());
    apply(layout());
  });

  test("the restorer stays with the record of a GPU, and goes with the last record", () => {
    const removed = layout({
      desired: [],
      obsolete: [{ uuid, function: functionsOf(card)[0]!, typeId: typeBy("A40", "A40-12Q").id }],
    });
    expect(apply(removed)).toEqual(["remove_mdev"]);
    const disabled = vfs({ state: "disabled", restorer: undefined });
    const { steps } = plan(facts(), [disabled]);
    expect(steps.map(({ command }) => command[0])).toEqual(["disable_vfs", "forget_gpu", "remove_restorer"]);
    expect(steps[2]!.dependsOn).toEqual([steps[1]!.id]);
  });

  test("the restorer is not removed while a record of another stack is left", () => {
    host.records.set("other", {
      uuid: "other",
      function: functionsOf(card)[9]!,
      typeId: 1,
      owner: "them",
      restore: true,
    });
    host.records.delete(uuid);
    expect(stepsOf([vfs({ state: "disabled", restorer: undefined })])).not.toContain("remove_restorer");
  });

  test("the restorer is not removed while it is unknown what it restores, or for a goal that cannot be met", () => {
    host.vgpus = [];
    host.records.clear();
    host.gpuRecords.clear();
    const ending = layout({ desired: [] });
    expect(stepsOf([ending])).toEqual(["remove_restorer"]);
    expect(stepsOf([ending], facts({ gpus: { unknown: "permission denied" } }))).toEqual([]);
    expect(stepsOf([layout({ gpu: GpuSelector.parse("0000:99:00.0") })])).toEqual([]);
  });

  test("a systemd that did not answer changes nothing that is in place", () => {
    expect(stepsOf([vfs(), layout()], facts({ unit: { unknown: "systemctl printed nothing" } }))).toEqual([]);
  });

  test("an uninstalled driver takes the records of GPUs along", () => {
    host.records.clear();
    host.vgpus = [];
    expect(stepsOf([driverAbsent])).toEqual(expect.arrayContaining([`forget_gpu ${gpuUuid}`, "remove_restorer"]));
  });

  test.each([
    [{ digest: null, unit: null }, "nothing is restored at boot yet"],
    [{ digest: "an older one" }, "the files on the host are those of another version of this package, or were edited"],
    [{ unit: { enabled: "disabled" } }, `${unitName} is disabled`],
    [{ unit: { enabled: "masked", present: false } }, `${unitName} is masked`],
    [{ unit: { enabled: "", present: false } }, `${unitName} is not known to systemd`],
  ] as [{ unit?: object | null }, string][])(
    "%j is drift of everything that is to be restored, and up installs the restorer again",
    (found, reason) => {
      const on = facts({ ...found, ...(found.unit && { unit: unit(found.unit) }) } as Partial<RestoreFacts>);
      expect(plan(on, [vfs(), layout()]).steps).toMatchObject([
        { command: ["install_restorer", digest], reason, requestedBy: ["vfs", "layout"] },
      ]);
    },
  );

  test("a GPU that was moved, or has another number of VFs than recorded, is recorded again", () => {
    host.gpuRecords.set(gpuUuid, { ...host.gpuRecords.get(gpuUuid)!, vfs: 16 });
    expect(reasonOf("record_gpu", [vfs()])).toBe(
      "other ones would be restored at boot: 16 of 0000:41:00.0, MIG mode off",
    );
  });

  test("a vGPU that the boot did not restore is created with the sentence of the restorer as the reason", () => {
    host.vgpus = [];
    const on = facts({ unit: unit({ active: "failed" }), failures: [{ item: uuid, reason: "the driver refuses it" }] });
    expect(plan(on, [vfs(), layout()]).steps).toMatchObject(
      [{ command: ["create_mdev", {}, {}, uuid], reason: /and was not restored at boot: the driver refuses it$/ }].map(
        ({ reason }) => ({ reason: expect.stringMatching(reason) as string }),
      ),
    );
  });

  test("VFs that the boot did not restore have the sentence of the restorer, too", () => {
    host.reboot();
    const on = facts({ unit: unit({ active: "failed" }), failures: [{ item: gpuUuid, reason: "it is held open" }] });
    expect(reasonOf("enable_vfs", [vfs()], on)).toBe(
      "VFs are off (0 of 32), and was not restored at boot: it is held open",
    );
  });

  test("a failed unit is reset when all that failed exists, and not before", () => {
    const failed = { unit: unit({ active: "failed" }), failures: [{ item: uuid, reason: "the driver refuses it" }] };
    expect(plan(facts(failed), [vfs(), layout()]).steps).toMatchObject([
      {
        command: ["forget_failed_restore"],
        reason: "it failed at boot: the driver refuses it; what it had to restore exists now",
      },
    ]);
    host.vgpus = [];
    expect(stepsOf([layout()], facts(failed))).not.toContain("forget_failed_restore");
  });

  test("a unit that was stopped and reported nothing is reset when the plan creates nothing that it restores", () => {
    const stopped = { unit: unit({ active: "failed", result: "timeout" }), failures: [] };
    expect(reasonOf("forget_failed_restore", [vfs(), layout()], facts(stopped))).toBe(
      "it failed at boot (timeout); what it had to restore exists now",
    );
    host.vgpus = [];
    expect(stepsOf([vfs(), layout()], facts(stopped))).toEqual([expect.stringMatching(/^create_mdev /)]);
  });

  test("a host without systemd gets a note, and nothing is written", () => {
    const { steps, notes } = plan(facts({ systemd: false, digest: null }), [vfs()]);
    expect([steps, notes.map(({ message }) => message)]).toEqual([
      [],
      ["this host has no systemd, so nothing is restored after a reboot"],
    ]);
  });
});

describe("definitions of mdevctl", () => {
  const withTool = (more: Partial<HostFacts> = {}): HostFacts => {
    const on = facts();
    return { ...on, system: { ...on.system, tools: { ...on.system.tools, mdevctl: "/usr/sbin/mdevctl" } }, ...more };
  };
  const isDefined = (on: HostFacts, goal = layout()) =>
    plan(on, [goal])
      .steps.find(({ command }) => command[0] === "create_mdev")!
      .command.includes("mdevctl=yes");

  test("are made for vGPUs that are restored at boot, where mdevctl is installed", () => {
    apply(vfs());
    expect(isDefined(withTool())).toBe(true);
    expect(isDefined(withTool(), layout({ restorer: undefined }))).toBe(false);
    const without = withTool();
    const { mdevctl: _, ...tools } = without.system.tools;
    expect(isDefined({ ...without, system: { ...without.system, tools } })).toBe(false);
  });

  test("that somebody else made, or that could not be read, are left alone", () => {
    apply(vfs());
    const definition = { uuid: uuid.toUpperCase(), parent: functionsOf(card)[0]!, type: "nvidia-1", auto: false };
    expect(isDefined(withTool({ mdevDefinitions: [definition] }))).toBe(false);
    expect(isDefined(withTool({ mdevDefinitions: { unknown: "permission denied" } }))).toBe(false);
    const record = { uuid, function: functionsOf(card)[0]!, typeId: 1, owner: "me", mdevctl: true as const };
    expect(isDefined(withTool({ mdevDefinitions: [definition], records: [record] }))).toBe(true);
  });

  test("stay those of the package when the record is written again", () => {
    apply(vfs());
    apply(layout({ restorer: undefined }));
    const [record] = [...host.records.values()];
    const on = withTool({ records: [{ ...record!, mdevctl: true }] });
    const { command } = plan(on, [layout()]).steps.find(({ command: [name] }) => name === "rerecord_vgpu")!;
    expect(command).toContain("mdevctl=yes");
  });
});

describe("programs that do the same at boot", () => {
  const withUnit = (name: string, enabled = "enabled"): HostFacts => {
    const on = facts();
    const service = { name, present: true, enabled, active: "active", sub: "exited", result: "success", exitStatus: 0 };
    return { ...on, driver: { ...on.driver, services: [service] } };
  };
  const blockersOf = (goal: Goal, on: HostFacts) => plan(on, [goal]).blockers.map(({ reason, hint }) => [reason, hint]);

  test("a unit that enables VFs is a blocker with what to do, unless it is disabled or restoreAtBoot is false", () => {
    const name = "pve-nvidia-sriov@ALL.service";
    expect(blockersOf(vfs(), withUnit(name))).toEqual([
      [
        `${name} enables virtual functions at boot, too`,
        `Turn it off: systemctl disable ${name}, or set restoreAtBoot: false`,
      ],
    ]);
    expect(blockersOf(vfs(), withUnit(name, "disabled"))).toEqual([]);
    expect(blockersOf(vfs({ restorer: undefined }), withUnit(name))).toEqual([]);
  });

  test.each([
    ["pve-nvidia-sriov@0000:41:00.0.service", vfs(), "enables virtual functions"],
    ["nvidia-sriov-0000-41-00-0.service", vfs(), "enables virtual functions"],
    ["edpm_nvidia_sriov_manage@0000:41:00.0.service", vfs(), "enables virtual functions"],
    ["nvidia-mdev@11111111-2222-4333-8444-555555555501.service", layout(), "creates vGPUs"],
  ])("%s is a blocker", (name, goal, does) => {
    expect(blockersOf(goal, withUnit(name)).map(([reason]) => reason)).toContain(`${name} ${does} at boot, too`);
    expect(blockersOf(goal, withUnit(name, "disabled")).map(([reason]) => reason)).not.toContain(
      `${name} ${does} at boot, too`,
    );
  });

  test("services that could not be read keep the restorer from being installed next to one of them, and change none that is there", () => {
    const unread = { unit: { unknown: "systemctl printed nothing" } };
    const blocker = [
      "whether another unit creates the same at boot could not be read: systemctl printed nothing",
      "Run systemctl status on the host, and run it again when it answers, or set restoreAtBoot: false",
    ];
    for (const goal of [vfs(), layout()]) {
      expect(blockersOf(goal, facts({ ...unread, digest: null }))).toContainEqual(blocker);
      expect(blockersOf(goal, facts({ ...unread, digest }))).not.toContainEqual(blocker);
    }
  });

  test("a line of cron is a blocker", () => {
    const rivalLines = [{ file: "/etc/crontab", line: "@reboot root /usr/lib/nvidia/sriov-manage -e ALL" }];
    expect(blockersOf(vfs(), facts({ rivalLines }))[0]![0]).toBe(
      "/etc/crontab enables virtual functions at boot, too: @reboot root /usr/lib/nvidia/sriov-manage -e ALL",
    );
  });

  test("an enabled unit of any name that enables VFs is a blocker, once", () => {
    const name = "gpu-vfs.service";
    const rivalLines = [
      {
        file: `/etc/systemd/system/multi-user.target.wants/${name}`,
        line: "ExecStart=/usr/lib/nvidia/sriov-manage -e ALL",
      },
    ];
    expect(blockersOf(vfs(), facts({ rivalLines }))).toEqual([
      [
        `${name} enables virtual functions at boot, too: ExecStart=/usr/lib/nvidia/sriov-manage -e ALL`,
        `Turn it off: systemctl disable ${name}, or set restoreAtBoot: false`,
      ],
    ]);
    const known = withUnit("nvidia-sriov-a.service");
    const file = "/etc/systemd/system/multi-user.target.wants/nvidia-sriov-a.service";
    const twice = {
      ...known,
      restore: { ...known.restore, rivalLines: [{ file, line: "ExecStart=sriov-manage -e ALL" }] },
    };
    expect(blockersOf(vfs(), twice)).toHaveLength(1);
  });

  test("a definition of mdevctl is a blocker only if it starts the same vGPU by itself", () => {
    card.on = true;
    const on = (one: object) => ({
      ...facts(),
      mdevDefinitions: [{ uuid, parent: functionsOf(card)[0]!, type: "nvidia-1", auto: true, ...one }],
    });
    expect(blockersOf(layout(), on({}))).toHaveLength(1);
    expect(blockersOf(layout(), on({ auto: false }))).toEqual([]);
    expect(blockersOf(layout(), on({ uuid: "another" }))).toEqual([]);
  });
});
