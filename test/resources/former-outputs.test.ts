import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, test } from "vitest";
import { SriovEnablement, VgpuLayout, VgpuManagerInstall } from "../../provider";
import { isOutputKnown, outputValue } from "../../provider/resources/pulumi-helpers";

const connection = { host: "gpu01.example" };
const formerGpu = { address: "0000:41:00.0", transformed: "41_00_0" };
const gpu = { address: "0000:41:00.0", transformedBdf: "41_00_0" };

let states: Record<string, object>;
let registered: Record<string, unknown>;
beforeEach(() => {
  states = {};
  registered = {};
});

const program = (preview: boolean) =>
  pulumi.runtime.setMocks(
    {
      newResource({ name, inputs }: pulumi.runtime.MockResourceArgs) {
        registered[name] = inputs;
        return { id: `${name}-id`, state: { ...(inputs as object), ...states[name] } };
      },
      call: () => ({}),
    },
    "acme",
    "prod",
    preview,
  );

function declare() {
  const driver = new VgpuManagerInstall("driver", { connection, version: "550.163.02" });
  const sriov = new SriovEnablement("sriov", { on: driver, gpus: ["41:00.0"] });
  const layout = new VgpuLayout("layout", { on: sriov, gpu: "41:00.0", vgpus: { "A40-8Q": 2 } });
  return { driver, sriov, layout };
}

describe.each([
  ["a preview", true],
  ["an update", false],
])("in %s, a resource that does not change", (_, preview) => {
  beforeEach(() => program(preview));

  test("has its outputs under the names of today, though release 0.1 wrote its state", async () => {
    states = {
      driver: { generation: "2025", versionOnDisk: "550.163.02", gpus: [formerGpu] },
      layout: { generation: "2026", all: { "A40-8Q#1": { uuid: "u" } } },
    };
    const { driver, layout } = declare();
    expect(await outputValue(driver.appliedAt)).toBe("2025");
    expect(await outputValue(driver.installedVersion)).toBe("550.163.02");
    expect(await outputValue(driver.gpus)).toEqual([gpu]);
    expect(await outputValue(layout.instances)).toEqual({ "A40-8Q#1": { uuid: "u" } });
    expect(Object.keys(layout)).not.toContain("all");
  });

  test("gives what depends on it the time of its last change, so that no difference is found there", async () => {
    states = { driver: { generation: "2025" }, sriov: { appliedAt: "2026", generation: "2025" } };
    const { layout } = declare();
    await outputValue(layout.urn);
    expect(registered.sriov).toMatchObject({ dependencyAppliedAt: "2025" });
    expect(registered.layout).toMatchObject({ dependencyAppliedAt: "2026" });
  });
});

test("an output of a new resource stays unknown in a preview", async () => {
  await program(true);
  const { driver, layout } = declare();
  for (const output of [driver.appliedAt, driver.gpus, layout.instances])
    expect(await isOutputKnown(output)).toBe(false);
});

test("an output of a new resource is undefined in an update whose state lacks it", async () => {
  await program(false);
  expect(await outputValue(declare().driver.installedVersion)).toBeUndefined();
});

test("a resource that depends on no other has no dependencyAppliedAt, and its registration does not fail", async () => {
  await program(false);
  const { dependencyAppliedAt } = declare().driver as unknown as Record<string, pulumi.Output<unknown>>;
  expect(await outputValue(dependencyAppliedAt!)).toBeUndefined();
});
