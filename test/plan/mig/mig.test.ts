import { describe, expect, test } from "vitest";
import type { HostFacts } from "../../../provider/model/facts/host-facts";
import type { Mig } from "../../../provider/model/facts/mig";
import { vgpuTypeName } from "../../../provider/model/vgpu-type";
import type { MigGoal, Plan, VgpuGoal } from "../../../provider/plan";
import { plan } from "../../../provider/plan";
import { claimBy } from "../claim";
import { address, hostWithA100 } from "./a100";

const guest = { guest: "web", kind: "libvirt", running: true } as const;

function mode(facts: HostFacts, on: boolean, reboot: MigGoal["arguments"]["reboot"] = "never"): Plan {
  const gpus = [{ address }];
  const selected = { enabled: on ? gpus : [], disabled: on ? [] : gpus };
  return plan(facts, [{ kind: "mig", key: "mig", claim: claimBy("me"), arguments: { ...selected, reboot } }]);
}

function layout(facts: HostFacts, counts: Record<string, number>, gpuInstances?: Record<string, number>): Plan {
  const desired = Object.entries(counts).flatMap(([type, count]) => newOnes(type, count));
  return plan(facts, [{ ...layoutGoal, desired, gpuInstances }]);
}

const layoutGoal: VgpuGoal = {
  kind: "vgpus",
  key: "layout",
  claim: claimBy("me"),
  gpu: { address },
  managesWholeGpu: true,
  desired: [],
  obsolete: [],
};

const newOnes = (type: string, count: number): VgpuGoal["desired"] =>
  Array.from({ length: count }, (_, i) => ({
    uuid: `${type}/${i}`,
    type: vgpuTypeName(type),
    interchangeable: true,
  }));

const commands = ({ steps }: Plan) => steps.map(({ command }) => command.slice(0, 4).join(" "));
const reasons = ({ blockers }: Plan) => blockers.map(({ reason }) => reason);

describe("MIG mode", () => {
  test("is turned on after the VFs are off (B82), and nothing is left to do when it is on", () => {
    const off = { current: false, pending: false };
    expect(commands(mode(hostWithA100({ mode: off }), true))).toEqual([
      `disable_vfs ${address}`,
      `set_mig_mode ${address} 1`,
    ]);
    expect(commands(mode(hostWithA100({ mode: off, vfs: "off" }), true))).toEqual([`set_mig_mode ${address} 1`]);
    expect(mode(hostWithA100(), true)).toEqual({ steps: [], blockers: [], notes: [] });
  });

  const unread = ({ gpus, ...facts }: HostFacts, driver: string | null): HostFacts => ({
    ...facts,
    gpus: gpus.map((gpu) => ({ ...gpu, driver, mig: { unknown: "nvidia-smi does not list it" } })),
  });

  test.each([true, false])("that could not be read is neither there nor missing: %s", (on) => {
    const planned = mode(unread(hostWithA100(), "nvidia"), on);
    expect([planned.steps, reasons(planned)]).toEqual([
      [],
      [`whether ${address} (NVIDIA A100-PCIE-40GB) is in MIG mode could not be read: nvidia-smi does not list it`],
    ]);
  });

  test.each([null, "pci-pf-stub"])(
    "is set after an interrupted sriov-manage left the GPU without its driver (B36): %s",
    (driver) => {
      const facts = unread(hostWithA100({ vfs: "off" }), driver);
      expect(commands(mode(facts, false))).toEqual([`bind_pf ${address}`, `set_mig_mode ${address} 0`]);
      expect(commands(mode(unread(hostWithA100(), driver), true))).toEqual([
        `disable_vfs ${address}`,
        `set_mig_mode ${address} 1`,
      ]);
    },
  );

  test("that is to change at the next reset, against what is declared, is set again, with this reason", () => {
    const { steps } = mode(hostWithA100({ mode: { current: true, pending: false }, vfs: "off" }), true);
    expect(steps.map(({ command, reason }) => [command.join(" "), reason])).toEqual([
      [`set_mig_mode ${address} 1`, "it would be turned off at the next reset"],
    ]);
  });

  test("is turned off the same way", () => {
    expect(commands(mode(hostWithA100({ vfs: "off" }), false))).toEqual([`set_mig_mode ${address} 0`]);
  });

  test("is not changed while a guest has a vGPU of the GPU", () => {
    const facts = hostWithA100({ vgpus: [{ type: "2-10C", on: 0, users: [guest] }] });
    const { steps, blockers } = mode(facts, false);
    expect(steps).toEqual([]);
    expect(blockers[0]!.reason).toMatch(/the A100-2-10C .* is used by the guest web/);
  });

  test("is not changed while a client has the GPU open; the daemons that release it for nvidia-smi are no clients (B140)", () => {
    const facts = hostWithA100({ mode: { current: false, pending: false }, vfs: "off" });
    const heldBy = (command: string, unit: string): HostFacts => ({
      ...facts,
      holders: [
        { device: facts.gpus[0]!.deviceNode!, process: { pid: 77, command, unit, container: null, guest: null } },
      ],
    });
    expect(reasons(mode(heldBy("nv-hostengine", "nvidia-dcgm.service"), true))).toEqual([
      `nv-hostengine (pid 77 of nvidia-dcgm.service) holds ${address} (NVIDIA A100-PCIE-40GB) open, so its MIG mode cannot change`,
    ]);
    expect(commands(mode(heldBy("nvidia-persiste", "nvidia-persistenced.service"), true))).toEqual([
      `set_mig_mode ${address} 1`,
    ]);
  });

  test("that waits for the next reset of the GPU is settled by a reboot, by the given policy", () => {
    const facts = hostWithA100({ mode: { current: false, pending: true } });
    expect(commands(mode(facts, true, "whenIdle"))[0]).toMatch(
      /^reboot_when_idle .* turns MIG mode on at its next reset$/,
    );
    expect(commands(mode(facts, true))[0]).toMatch(/^reboot_by_hand /);
  });

  test("is not turned off by a delete while another resource of the stack has vGPUs there", () => {
    const facts = hostWithA100({ instances: [[14, 0]], vgpus: [{ type: "2-10C", on: 0, instance: 10 }] });
    const [vgpu] = facts.vgpus;
    const record = { uuid: vgpu!.uuid!, function: vgpu!.function, typeId: 475, owner: "me", resource: "VgpuLayout l" };
    const selected = { enabled: [], disabled: [{ address }], reboot: "never" as const };
    const goal: MigGoal = { kind: "mig", key: "mig", claim: claimBy("me"), arguments: selected };
    const recorded = { ...facts, records: [record] };
    expect(plan(recorded, [goal]).blockers).toEqual([]);
    expect(reasons(plan(recorded, [{ ...goal, isDeleted: true }]))).toEqual([
      expect.stringMatching(/, which VgpuLayout l has, would be lost$/),
    ]);
  });

  test.each([
    [false, "A100-2-10C", "on"],
    [true, "A40-4Q", "off"],
  ])(
    "is not changed (on: %s) while vGPUs of the same plan need the other mode: they would be lost",
    (on, type, needed) => {
      const facts = hostWithA100({ mode: { current: !on, pending: !on }, instances: on ? [] : [[14, 0]] });
      const [gpu] = facts.gpus;
      const timeSliced = {
        id: 559,
        name: "NVIDIA A40-4Q",
        framebufferMiB: 4096,
        series: "Q",
        maxInstances: 12,
      } as const;
      const host = { ...facts, gpus: [{ ...gpu!, types: on ? [timeSliced] : [] }] };
      const selected = {
        enabled: on ? [{ address }] : [],
        disabled: on ? [] : [{ address }],
        reboot: "never" as const,
      };
      const goal: MigGoal = { kind: "mig", key: "mig", claim: claimBy("me"), arguments: selected };
      const layouts = (named: string): VgpuGoal => ({ ...layoutGoal, desired: newOnes(named, 1) });
      const planned = plan(host, [goal, layouts(type)]);
      expect(planned.steps.filter(({ requestedBy }) => requestedBy.includes("mig"))).toEqual([]);
      expect(
        planned.blockers.filter(({ requestedBy }) => requestedBy.includes("mig")).map(({ reason }) => reason),
      ).toEqual([
        `MIG mode of ${address} (NVIDIA A100-PCIE-40GB) is to be turned ${on ? "on" : "off"}, and ${layoutGoal.claim.resource} declares ${type}, which needs it ${needed}`,
      ]);
      expect(
        plan(host, [goal, layouts(on ? "A100-2-10C" : "A40-4Q")]).steps.map(({ command: [name] }) => name),
      ).toEqual(["disable_vfs", "set_mig_mode"]);
    },
  );

  test("is a blocker where the GPU has none", () => {
    const facts = hostWithA100();
    const without = { ...facts, gpus: facts.gpus.map((gpu) => ({ ...gpu, mig: null })) };
    expect(reasons(mode(without, true))).toEqual([`${address} (NVIDIA A100-PCIE-40GB) has no MIG mode`]);
    expect(mode(without, false)).toEqual({ steps: [], blockers: [], notes: [] });
  });
});

describe("vGPUs on GPU instances", () => {
  test.each(["instances", "profiles"])("are not placed while the %s of the GPU could not be read", (list) => {
    const facts = hostWithA100();
    const gpus = facts.gpus.map((gpu) => ({
      ...gpu,
      mig: { ...(gpu.mig as Mig), [list]: { unknown: "Unknown Error" } },
    }));
    const planned = layout({ ...facts, gpus }, { "A100-2-10C": 1 });
    expect(planned.steps).toEqual([]);
    expect(new Set(reasons(planned))).toEqual(
      new Set([`the GPU instances of ${address} (NVIDIA A100-PCIE-40GB) could not be read: Unknown Error`]),
    );
  });

  test("get the instances that they need first, larger ones before smaller ones", () => {
    const { steps } = layout(hostWithA100(), { "A100-1-5C": 1, "A100-3-20C": 1, "A100-2-10C": 1 });
    expect(
      steps.map(({ command }) =>
        command
          .slice(0, 4)
          .join(" ")
          .replace(/ 0000:c4:\S+/, ""),
      ),
    ).toEqual([
      "create_gpu_instance 9 4",
      "create_gpu_instance 14 2",
      "create_gpu_instance 19 1",
      "create_mdev 474 A100-1-5C/0",
      "create_mdev 476 A100-3-20C/0",
      "create_mdev 475 A100-2-10C/0",
    ]);
    const instances = steps.slice(0, 3).map(({ id }) => id);
    for (const step of steps.slice(3)) expect(step.dependsOn).toEqual(expect.arrayContaining(instances));
  });

  test("use free instances that exist", () => {
    const facts = hostWithA100({ instances: [[14, 0]] });
    expect(commands(layout(facts, { "A100-2-10C": 1 })).map((words) => words.split(" ")[0])).toEqual(["create_mdev"]);
  });

  test("of one size replace free instances of another that are in the way, and only those", () => {
    const instances: [number, number][] = [0, 1, 2, 3].map((start) => [19, start]);
    const { steps } = layout(hostWithA100({ instances }), { "A100-2-10C": 2 });
    expect(steps.slice(0, 4).map(({ command }) => command.join(" "))).toEqual([
      `destroy_gpu_instance ${address} 19 2`,
      `destroy_gpu_instance ${address} 19 3`,
      `create_gpu_instance ${address} 14 4`,
      `create_gpu_instance ${address} 14 2`,
    ]);
  });

  test("are refused as a whole if instances with vGPUs that stay leave no room", () => {
    const facts = hostWithA100({
      instances: [[19, 0]],
      vgpus: [{ type: "1-5C", on: 0, instance: 10, users: [guest] }],
    });
    const { steps, blockers } = layout(facts, { "A100-4-20C": 1 });
    expect(steps).toEqual([]);
    expect(blockers.map(({ reason }) => reason)).toEqual([
      `${address} (NVIDIA A100-PCIE-40GB) has no room for the declared GPU instances and those of the declared vGPUs: 1 × 1g.5gb and 1 × 4g.20gb are needed, and the A100-1-5C 00000000-0000-4000-8000-000000000000 on 0000:c4:00.4 is used by the guest web (running in libvirt) (1g.5gb at slice 0)`,
    ]);
  });

  test("may be on any instance of their profile where the driver does not show which", () => {
    const facts = hostWithA100({
      instances: [
        [19, 0],
        [19, 4],
      ],
      vgpus: [{ type: "1-5C", on: 0, users: [guest] }],
    });
    expect(reasons(layout(facts, { "A100-4-20C": 1 }))).toHaveLength(1);
  });

  test("of a time-sliced type are refused, with a type of the same size", () => {
    const { blockers } = layout(hostWithA100(), { "A100-10C": 1 });
    expect(blockers[0]).toMatchObject({
      reason: `${address} (NVIDIA A100-PCIE-40GB) is in MIG mode, and has no vGPU type A100-10C`,
      hint: expect.stringMatching(/^Did you mean A100-2-10C\? /),
    });
  });

  test("are refused while MIG mode is off", () => {
    const facts = hostWithA100({ mode: { current: false, pending: false } });
    expect(layout(facts, { "A100-2-10C": 1 }).blockers[0]!.reason).toBe(
      `A100-2-10C is a type for GPU instances, and MIG mode of ${address} (NVIDIA A100-PCIE-40GB) is off`,
    );
  });
});

describe("GPU instances without vGPUs", () => {
  const instances = (facts: HostFacts, counts: Record<string, number>, vgpus: Record<string, number> = {}) =>
    layout(facts, vgpus, counts)
      .steps.map(({ command }) => command.filter((word) => word !== address).join(" "))
      .filter((command) => command.includes("gpu_instance"));

  test("are created in addition to those of the declared vGPUs, and only those that are missing", () => {
    expect(
      instances(hostWithA100({ instances: [[9, 4]] }), { "3g.20gb": 1, "1g.5gb": 1 }, { "A100-2-10C": 1 }),
    ).toEqual(["create_gpu_instance 14 2", "create_gpu_instance 19 1"]);
    expect(layout(hostWithA100({ instances: [[9, 4]] }), {}, { 9: 1 })).toEqual({ steps: [], blockers: [], notes: [] });
  });

  test("count if vGPUs of other tools are on them", () => {
    const facts = hostWithA100({
      instances: [[14, 4]],
      vgpus: [{ type: "2-10C", on: 0, instance: 10, users: [guest] }],
    });
    expect(instances(facts, { "MIG 2g.10gb": 1 })).toEqual([]);
    expect(instances(facts, { "2g.10gb": 2 })).toEqual(["create_gpu_instance 14 2"]);
  });

  test("replace free ones that are in the way, and are refused where others stay", () => {
    expect(
      instances(
        hostWithA100({
          instances: [
            [14, 0],
            [19, 2],
          ],
        }),
        { "4g.20gb": 1 },
      ),
    ).toEqual(["destroy_gpu_instance 14 0", "destroy_gpu_instance 19 2", "create_gpu_instance 5 0"]);
    const used = hostWithA100({
      instances: [[14, 0]],
      vgpus: [{ type: "2-10C", on: 0, instance: 10, users: [guest] }],
    });
    const { steps, blockers } = layout(used, {}, { "4g.20gb": 1 });
    expect([steps, blockers.map(({ reason }) => reason)]).toEqual([
      [],
      [
        expect.stringMatching(
          /has no room .*: 1 × 2g\.10gb and 1 × 4g\.20gb are needed, and the A100-2-10C \S+ on \S+ is used by the guest web .* \(2g\.10gb at slice 0\)$/,
        ),
      ],
    ]);
  });

  test("need MIG mode, virtual functions and a profile of the GPU", () => {
    const off = { current: false, pending: false };
    const blocker = (facts: HostFacts, counts: Record<string, number>) => layout(facts, {}, counts).blockers[0];
    expect(blocker(hostWithA100({ mode: off }), { "1g.5gb": 1 })).toMatchObject({
      reason: expect.stringMatching(/^GPU instances are declared, and MIG mode of .* is off$/),
    });
    expect(blocker(hostWithA100({ vfs: "off" }), { "1g.5gb": 1 })).toMatchObject({
      hint: "SriovEnablement comes first",
    });
    expect(blocker(hostWithA100(), { "1g.6gb": 1 })).toMatchObject({
      reason: `${address} (NVIDIA A100-PCIE-40GB) has no GPU instance profile 1g.6gb`,
      hint: expect.stringMatching(/^It has 1g\.5gb, /),
    });
    expect(layout(hostWithA100({ mode: off }), {}, { "1g.5gb": 0 })).toEqual({ steps: [], blockers: [], notes: [] });
  });
});

describe("free vGPUs of a layout on GPU instances that are needed for others", () => {
  const uuidOf = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;

  /** An A100 with four 1g.5gb, and a vGPU of the layout on each. */
  function withFourVgpus(shows: boolean, used: number[] = [], starts = [0, 1, 2, 3]): HostFacts {
    const facts = hostWithA100({
      instances: starts.map((start): [number, number] => [19, start]),
      vgpus: starts.map((_, n) => ({
        type: "1-5C",
        on: n,
        uuid: uuidOf(n),
        ...(shows && { instance: 10 + n }),
        ...(used.includes(n) && { users: [guest] }),
      })),
    });
    const records = facts.vgpus.map((vgpu) => ({
      uuid: vgpu.uuid!,
      function: vgpu.function,
      typeId: 474,
      owner: "me",
      boot: facts.system.identity.bootId ?? undefined,
    }));
    return { ...facts, records };
  }

  /** The layout has these vGPUs of the first type still, and new ones of the second. */
  function change(facts: HostFacts, kept: number[], type: string, count: number): Plan {
    const stay = kept.map((n) => ({ uuid: uuidOf(n), type: vgpuTypeName("A100-1-5C"), interchangeable: true }));
    const gone = facts.vgpus.filter((_, n) => !kept.includes(n));
    const obsolete = gone.map((vgpu) => ({ uuid: vgpu.uuid!, function: vgpu.function, typeId: vgpu.type.id }));
    return plan(facts, [{ ...layoutGoal, desired: [...stay, ...newOnes(type, count)], obsolete }]);
  }

  const counted = (planned: Plan) => {
    const names = planned.steps.map(({ command: [name] }) => name!);
    return Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((one) => one === name).length]));
  };

  test("are removed and created again with their UUIDs where the driver does not show which instances they are on", () => {
    const planned = change(withFourVgpus(false), [0, 1], "A100-2-10C", 2);
    expect(planned.blockers).toEqual([]);
    expect(counted(planned)).toEqual({
      remove_mdev: 4,
      destroy_gpu_instance: 2,
      create_gpu_instance: 2,
      create_mdev: 4,
    });
    expect(planned.steps.flatMap(({ command }) => (command[0] === "create_mdev" ? [command[3]] : []))).toEqual(
      expect.arrayContaining([uuidOf(0), uuidOf(1)]),
    );
    expect(planned.steps.find(({ command }) => command[1] === uuidOf(0))!.reason).toBe(
      "the place of its GPU instance is needed for others",
    );
  });

  test("stay if there is room without them", () => {
    expect(counted(change(withFourVgpus(false), [0, 1], "A100-2-10C", 1))).toEqual({
      remove_mdev: 2,
      create_gpu_instance: 1,
      create_mdev: 1,
    });
    expect(counted(change(withFourVgpus(true), [0, 1], "A100-2-10C", 2))).toEqual({
      remove_mdev: 2,
      destroy_gpu_instance: 2,
      create_gpu_instance: 2,
      create_mdev: 2,
    });
  });

  test("are the fewest that leave room, where the driver shows their instances", () => {
    const planned = change(withFourVgpus(true, [], [0, 1, 2, 4]), [0, 1, 2, 3], "A100-3-20C", 1);
    expect(planned.blockers).toEqual([]);
    expect(planned.steps.flatMap(({ command }) => (command[0] === "remove_mdev" ? [command[1]] : []))).toEqual([
      uuidOf(3),
    ]);
    expect(counted(planned)).toEqual({
      remove_mdev: 1,
      destroy_gpu_instance: 1,
      create_gpu_instance: 2,
      create_mdev: 2,
    });
  });

  test("are left alone, and nothing is changed, if one in use may be on any of the instances: the blocker names it, and no other", () => {
    const planned = change(withFourVgpus(false, [1]), [0, 1], "A100-2-10C", 3);
    expect(planned.steps).toEqual([]);
    expect(planned.blockers.map(({ reason, hint }) => [reason, hint])).toEqual([
      [
        `${address} (NVIDIA A100-PCIE-40GB) has no room for the declared GPU instances and those of the declared vGPUs: 2 × 1g.5gb and 3 × 2g.10gb are needed, and the A100-1-5C ${uuidOf(1)} on 0000:c4:00.5 is used by the guest web (running in libvirt) (1g.5gb at slice 0, 1, 2 or 3: the driver does not show which)`,
        "Shut the guest down and take the vGPU out of its definition",
      ],
    ]);
  });
});

test("vGPUs that fit on an instance with room are created after those that need an instance of their own (B118)", () => {
  const gpu = hostWithA100({
    instances: [
      [14, 0],
      [14, 2],
    ],
    vgpus: [{ type: "2-10C", on: 0, instance: 10, users: [guest] }],
  });
  const type = (name: string, id: number, framebufferMiB: number) => ({
    id,
    name,
    framebufferMiB,
    profileId: 14,
    perInstance: 2,
  });
  const types = [type("GRID A100-2-10C", 475, 10240), type("GRID A100-2-5C", 9000, 5120)];
  const facts = { ...gpu, gpus: gpu.gpus.map((one) => ({ ...one, mig: { ...(one.mig as Mig), types } })) };
  const { steps } = layout(facts, { "A100-2-10C": 1, "A100-2-5C": 1 });
  expect(
    steps.map(({ command }) =>
      command
        .filter((word) => word !== address)
        .slice(0, 3)
        .join(" "),
    ),
  ).toEqual(["create_mdev 0000:c4:00.5 9000", "create_mdev 0000:c4:00.6 475"]);
});
