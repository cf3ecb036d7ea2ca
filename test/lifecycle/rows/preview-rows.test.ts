import { beforeEach, describe, expect, test } from "vitest";
import { isInFleet } from "../../../provider/lifecycle/engine/urn";
import { firstInstance } from "../../../provider/lifecycle/instance";
import { unknownValue } from "../../../provider/lifecycle/parse";
import { readRow } from "../../../provider/lifecycle/rows/plan-file";
import { rowMessage } from "../../../provider/lifecycle/rows/row-text";
import type { HostFacts } from "../../../provider/model/facts/host-facts";
import { hostWithA100 } from "../../plan/mig/a100";
import { away, factsOf, owner, urnOf } from "../fake-host";
import type { Program } from "./previewed-stack";
import { PreviewedStack, plans, rowOf } from "./previewed-stack";

const uuidOf = (number: number) => `0000004${number}-1111-4222-8333-00000000004${number}`;
const single = (number: number, type: string) =>
  ({ kind: "MdevVgpu", gpu: "0000:41:00.0", type, uuid: uuidOf(number) }) as const;

/** web runs a guest, build is defined with one, cad is free. */
const declared = {
  driver: { kind: "VgpuManagerInstall", version: "550.163.02" },
  vfs: { kind: "SriovEnablement", gpus: ["0000:41:00.0"] },
  web: single(1, "A40-4Q"),
  build: single(2, "A40-4Q"),
  cad: single(3, "A40-4A"),
} satisfies Program;
const r580 = {
  ...declared.driver,
  version: "580.105.06",
  package: { onHost: "/root/NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run" },
};

/** Returns the facts of a host on which the vGPUs belong to the resources above. */
function inSync(): HostFacts {
  const facts = factsOf("debian-12-a40-mdev");
  facts.vgpus[1]!.parameters = "";
  const records = facts.vgpus.map(({ uuid, function: at, type }, i) => ({
    uuid: uuid!,
    function: at,
    typeId: type.id,
    owner,
    instance: firstInstance(urnOf("MdevVgpu", ["web", "build", "cad"][i]!)),
  }));
  return { ...facts, records };
}

/** Returns the facts without guests and other users. */
function idle(facts: HostFacts): HostFacts {
  const vgpus = facts.vgpus.map((vgpu) => ({ ...vgpu, users: [] }));
  const gpus = facts.gpus.map((gpu) => ({ ...gpu, functions: gpu.functions.map((one) => ({ ...one, users: [] })) }));
  return { ...facts, vgpus, gpus, holders: [], guests: [], virtualMachines: [], containers: [] };
}

/** Returns the facts without vGPUs, so that each VF offers all types. */
function empty(facts: HostFacts): HostFacts {
  const gpus = facts.gpus.map((gpu) => {
    const creatable = Object.fromEntries(gpu.types.map(({ id }) => [id, 1]));
    const functions = gpu.functions.map((one) => (one.index === null ? one : { ...one, creatable }));
    return { ...gpu, functions };
  });
  return { ...facts, gpus, vgpus: [], records: [] };
}

let stack: PreviewedStack;
beforeEach(async () => {
  stack = await new PreviewedStack(inSync()).applied(declared);
});

describe("the row of a changed resource", () => {
  test("has the steps with reasons", async () => {
    expect(rowOf(await stack.preview({ ...declared, cad: single(3, "A40-4Q") }), "cad")).toEqual([
      [
        "info: 2 steps",
        `  1. remove the A40-4A ${uuidOf(3)} on 0000:41:01.1: A40-4A on 0000:41:01.1 is there instead of A40-4Q`,
        `  2. create A40-4Q ${uuidOf(3)} on 0000:41:01.1: A40-4A on 0000:41:01.1 is there instead of A40-4Q`,
      ].join("\n"),
    ]);
  });

  test("has the guest that is defined with the vGPU and blocks another type", async () => {
    expect(rowOf(await stack.preview({ ...declared, build: single(2, "A40-4A") }), "build")).toEqual([
      `warning: blocked: the A40-4Q ${uuidOf(2)} on 0000:41:00.6 is used by the guest build (defined in libvirt), so it cannot be removed. Shut the guest down and take the vGPU out of its definition.`,
    ]);
  });

  test("has the guests that block another driver, and rows of dependent resources name the blocked driver", async () => {
    const said = await stack.preview({
      ...declared,
      driver: r580,
      vfs: { ...declared.vfs, dependencyAppliedAt: unknownValue },
    });
    const [row] = rowOf(said, "driver");
    expect(row).toMatch(
      /^warning: blocked: the A40-4Q \S+ on 0000:41:00\.4 is used by the guest web \(running, pid 4410\)\. .*\nblocked: .* the guest build/,
    );
    expect(rowOf(said, "vfs")).toEqual(["warning: waits for VgpuManagerInstall driver, which is blocked"]);
  });

  test("has a vGPU of another owner that another driver would remove", async () => {
    const facts = idle(inSync());
    if (!Array.isArray(facts.records)) throw new Error("no records");
    facts.records = facts.records.map((one, i) =>
      i === 2 ? { ...one, owner: "beta/prod#1", resource: "MdevVgpu b" } : one,
    );
    const { cad: _, ...withoutCad } = declared;
    stack = await new PreviewedStack(facts).applied(withoutCad);
    expect(rowOf(await stack.preview({ ...withoutCad, driver: r580 }), "driver").join()).toMatch(
      /^warning: blocked: the A40-4A \S+ on 0000:41:01\.1 .*beta\/prod/,
    );
  });

  test("has the number of reboots, and dependent resources are planned for the host after the new driver", async () => {
    const facts = idle(inSync());
    stack = await new PreviewedStack(facts).applied(declared);
    const said = await stack.preview({
      ...declared,
      driver: { ...r580, reboot: "whenIdle" },
      vfs: { ...declared.vfs, dependencyAppliedAt: unknownValue },
      cad: { ...declared.cad, dependencyAppliedAt: unknownValue },
    });
    expect(rowOf(said, "driver").join()).toMatch(/^info: \d+ steps, one reboot\n {2}1\. /);
    expect(rowOf(said, "vfs").join()).toMatch(
      /^info: 1 step\n {2}1\. enable the 32 virtual functions of 0000:41:00\.0 \(NVIDIA A40\): VFs are off \(0 of 32\)/,
    );
    expect(rowOf(said, "cad").join()).toMatch(/^info: 1 step\n {2}1\. create A40-4A /);
  });

  test("says that nothing changes on the host, where only properties do", async () => {
    const elsewhere = { ...declared.cad, connection: { host: "gpu01.example", user: "ops" } };
    expect(rowOf(await stack.preview({ ...declared, cad: elsewhere }), "cad")).toEqual(["info: no change on the host"]);
  });

  test("has the GPU's capacity, where a count is too high", async () => {
    stack = await new PreviewedStack(empty(idle(inSync()))).applied({
      driver: declared.driver,
      vfs: declared.vfs,
    });
    const layout = { kind: "VgpuLayout", gpu: "0000:41:00.0", vgpus: { "A40-12Q": 5 } } as const;
    const program = { driver: declared.driver, vfs: declared.vfs, layout };
    expect(rowOf(await stack.preview(program), "layout").join()).toMatch(
      /^warning: blocked: 0000:41:00\.0 \(NVIDIA A40\) fits 4 A40-12Q: 0 taken, 5 more declared\./,
    );
    const mixed = { ...layout, vgpus: { "A40-12Q": 1, "A40-8Q": 1 } };
    expect(rowOf(await stack.preview({ ...program, layout: mixed }), "layout").join()).toMatch(
      /^warning: blocked: .* takes one framebuffer size at a time: A40-8Q is declared, and A40-12Q is declared too\./,
    );
  });

  test("has what is removed and created in a replacement", async () => {
    expect(rowOf(await stack.preview({ ...declared, cad: { ...declared.cad, uuid: uuidOf(7) } }), "cad")).toEqual([
      [
        "info: replaced: 2 steps",
        `  1. remove the A40-4A ${uuidOf(3)} on 0000:41:01.1: it is not declared any more`,
        `  2. create A40-4A ${uuidOf(7)} on 0000:41:00.5: missing`,
      ].join("\n"),
    ]);
  });

  test("names a package that cannot be read", async () => {
    const missing = { ...r580, package: "/nowhere/NVIDIA-Linux-x86_64-580.105.06-vgpu-kvm.run" };
    expect(rowOf(await stack.preview({ ...declared, driver: missing }), "driver").join()).toMatch(
      /^warning: blocked: Could not read the package for \/nowhere\//,
    );
  });

  test("names the argument that is not known yet", async () => {
    const said = await stack.preview({ ...declared, cad: { ...declared.cad, gpu: unknownValue } });
    expect(rowOf(said, "cad")).toEqual(["info: steps are not known: they depend on gpu, which is not known yet"]);
  });
});

test("a new resource on a host that was read has its steps, and vGPUs of an earlier resource count", async () => {
  const said = await stack.preview({ ...declared, more: single(8, "A40-4Q"), other: single(9, "A40-8Q") });
  expect(rowOf(said, "more").join()).toMatch(/^info: 1 step\n {2}1\. create A40-4Q 00000048-/);
  expect(rowOf(said, "other").join()).toMatch(
    /^warning: blocked: .* takes one framebuffer size at a time: A40-8Q is declared/,
  );
});

test("drift that the refresh finds is followed by the steps that repair it", async () => {
  const facts = inSync();
  const off = {
    ...facts,
    vgpus: [],
    gpus: facts.gpus.map((gpu) => ({
      ...gpu,
      sriov: { ...gpu.sriov!, enabled: 0 },
      functions: gpu.functions.slice(0, 1),
    })),
    holders: [],
    guests: [],
  };
  const { driver, vfs } = declared;
  expect(rowOf(await stack.preview({ driver, vfs }, { facts: off }), "vfs").join()).toMatch(
    /^info: 1 step\n {2}1\. enable the 32 virtual functions of 0000:41:00\.0 \(NVIDIA A40\): VFs are off \(0 of 32\)/,
  );
});

test("rows of resources without changes stay empty", async () => {
  expect(await stack.preview(declared)).toEqual([]);
});

test("an up prints no plan after its preview", async () => {
  expect(await stack.preview({ ...declared, cad: single(3, "A40-4Q") }, { isPreview: false })).toEqual([]);
});

test("without a refresh no host is read, and the first row with changes says how to see steps", async () => {
  const said = await stack.preview(
    { ...declared, build: single(2, "A40-4A"), cad: single(3, "A40-4Q") },
    { refresh: false },
  );
  expect(said.map(({ urn, message }) => [urn, message])).toEqual([
    [
      urnOf("MdevVgpu", "build"),
      "[build@gpu01.example] steps are not known here: pulumi preview --refresh shows them, if the configuration of the stack is that of the last up",
    ],
  ]);
  expect(stack.on.host.looks).toBe(0);
});

test("rows of an unreachable host have no steps", async () => {
  const said = await stack.preview({ ...declared, cad: single(3, "A40-4Q") }, { away: away() });
  expect(said).toEqual([]);
});

test("rows of a host in maintenance have no steps", async () => {
  expect(await stack.preview({ ...declared, cad: { ...single(3, "A40-4Q"), maintenance: "DIMM" } })).toEqual([]);
});

test("a replacement that Pulumi forces is named", async () => {
  await stack.preview(declared);
  const { kind: _, ...args } = declared.cad;
  const inputs = { connection: { host: "gpu01.example" }, __urn: urnOf("MdevVgpu", "cad"), __preview: plans, ...args };
  await stack.on.vgpu.check({}, inputs);
  expect(rowOf(stack.on.said, "cad")).toEqual(["info: replaced: its vGPUs are removed, and created again"]);
});

describe("the program", () => {
  const planOf = (name: string) => readRow(plans, urnOf("MdevVgpu", name));

  test("gets the plan of a resource, and the machine", async () => {
    await stack.preview({ ...declared, build: single(2, "A40-4A"), cad: single(3, "A40-4Q") });
    expect(planOf("build")!.plan.blockers).toMatchObject([{ requestedBy: [urnOf("MdevVgpu", "build")] }]);
    expect(planOf("cad")!.plan.steps).toHaveLength(2);
    expect(planOf("cad")!.identity.productUuid).toBe(stack.facts.system.identity.productUuid);
  });

  test("gets no plan of an earlier preview", async () => {
    await stack.preview({ ...declared, cad: single(3, "A40-4Q") });
    await stack.preview(declared);
    expect(planOf("cad")).toBeUndefined();
  });
});

test("rows of a fleet have the number of steps, because the fleet lists them, and all blockers", () => {
  const plan = { steps: [], blockers: [], notes: [] };
  const urn = (type: string) => `urn:pulumi:prod::acme::${type}pulumi-nodejs:dynamic/nvidia-vgpu:VgpuLayout::gpu01/a`;
  expect(isInFleet(urn("nvidia-vgpu:index:VgpuFleet$nvidia-vgpu:index:VgpuHost$"))).toBe(true);
  expect(isInFleet(urn("nvidia-vgpu:index:VgpuHost$"))).toBe(false);
  const step = (title: string, more = {}) => ({
    id: title,
    title,
    reason: "r",
    command: [title],
    dependsOn: [],
    requestedBy: [],
    limitSeconds: 1,
    ...more,
  });
  const steps = [step("install"), step("reboot_by_hand", { requiresReboot: true })];
  expect(rowMessage({ ...plan, steps }, { isListed: true }).lines).toEqual(["2 steps, one reboot (manual)"]);
  expect(rowMessage({ ...plan, steps }, { isListed: false }).lines).toHaveLength(3);
  const blockers = ["a", "b"].map((reason) => ({ reason, hint: "", requestedBy: [] }));
  expect(rowMessage({ ...plan, blockers }, { isListed: true }).lines).toEqual(["blocked: a.", "blocked: b."]);
});

test("the rows of a GPU that gets MIG mode have each its part, planned for the host as it will be then", async () => {
  const gpu = "0000:c4:00.0";
  const vfs = { kind: "SriovEnablement", gpus: [gpu], restoreAtBoot: false } as const;
  const facts = hostWithA100({ mode: { current: false, pending: false } });
  const before = await new PreviewedStack(facts).applied({ vfs });
  const shown = await before.preview({
    mig: { kind: "MigEnablement", enabled: [gpu] },
    vfs: { ...vfs, dependencyAppliedAt: unknownValue },
    layout: { kind: "VgpuLayout", gpu, vgpus: { "A100-3-20C": 1 } },
  });
  expect(rowOf(shown, "mig").join()).toMatch(/1\. disable the virtual functions[^]*2\. turn MIG mode on/);
  expect(rowOf(shown, "vfs").join()).toMatch(/1\. enable the 16 virtual functions/);
  expect(rowOf(shown, "layout").join()).toMatch(
    /1\. install nvidia-vgpu-restore[^]*2\. create a GPU instance 3g\.20gb at slice 4[^]*3\. create A100-3-20C/,
  );
});
