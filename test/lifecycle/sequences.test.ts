import { beforeEach, describe, expect, test, vi } from "vitest";
import type { apply } from "../../provider/apply/apply";
import { ModelHost } from "../plan/model/host";
import { Random } from "../plan/random";
import { withSeeds } from "../plan/with-seeds";
import { Sequence } from "./sequences/events";
import { checkRun, snapshot } from "./sequences/rules";
import type { Declared } from "./sequences/stack";
import { Stack } from "./sequences/stack";

// The way to the host; what is done there is up to the model.
vi.mock("../../provider/apply/apply", () => ({
  apply: (ssh: { apply: (steps: unknown) => ReturnType<typeof apply> }, steps: unknown) => ssh.apply(steps),
}));

// The rules are in sequences/rules.ts.
test("whatever happens: nothing in use goes, nothing of another owner, nothing of ours is left behind, and one run is enough", async () => {
  await withSeeds(200, async (seed) => {
    const sequence = new Sequence(new Random(seed));
    try {
      for (let n = 0; n < 16; n++) await sequence.next();
      await sequence.end();
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${sequence.log.join("\n")}`, { cause: error });
    }
  });
}, 300_000);

describe("vGPUs of a killed first up belong to the next create of the same resource", () => {
  const vfs: [string, Declared] = ["vfs", { kind: "sriov", args: { gpus: "all", onDelete: "disable" } }];
  const card = (vgpus: object, named: object = {}): [string, Declared] => [
    "card",
    { kind: "layout", args: { gpu: "0000:41:00.0", vgpus, named } },
  ];
  let host: ModelHost;
  let stack: Stack;

  beforeEach(async () => {
    host = new ModelHost();
    host.add("A40", "0000:41:00.0", true);
    stack = new Stack("A", "test", "11111111", host);
    stack.program = new Map([vfs, card({ "A40-12Q": 3 }, { cad: { type: "A40-12Q" } })]);
    await stack.up({ disturbance: { before: 1, by: "killed", choose: () => 0 } });
    expect(stack.resources).toEqual(["vfs"]);
    expect(host.vgpus).toHaveLength(4);
  });

  /** Runs up, with the rules that hold for each run. */
  const up = async () => {
    const before = snapshot(host);
    const run = await stack.up();
    checkRun(host, before, stack, run);
    expect(run.errors).toEqual(new Map());
  };

  const destroy = async () => {
    expect((await stack.destroy()).errors).toEqual(new Map());
    expect(host.vgpus).toEqual([]);
  };

  test("which keeps the declared ones and removes the others", async () => {
    const before = host.vgpus;
    stack.program = new Map([vfs, card({ "A40-12Q": 2 })]);
    await up();
    expect(host.vgpus).toHaveLength(2);
    expect(before).toEqual(expect.arrayContaining(host.vgpus));
    await destroy();
  });

  test("also if that declares vGPUs of another size", async () => {
    stack.program = new Map([vfs, card({ "A40-24Q": 2 })]);
    await up();
    expect(host.vgpus.map(({ type }) => type.name)).toEqual(["NVIDIA A40-24Q", "NVIDIA A40-24Q"]);
    await destroy();
  });

  test("without that create, the error of a destroy has the advice", async () => {
    stack.program = new Map([vfs]);
    await up();
    expect([...(await stack.destroy()).errors.values()]).toEqual([
      expect.stringContaining("declare it for one more up, then remove it"),
    ]);
    stack.program = new Map([vfs, card({})]);
    await up();
    await destroy();
  });
});
