import { describe, expect, test } from "vitest";
import { injectFault } from "../lab";
import { faults } from "../lab/faults";
import { connectionTo, typesOn } from "./declared";
import { mdevsOn } from "./manual-changes";
import { onLab } from "./on-lab";
import type { Declared } from "./stack";

interface Round {
  repaired: string;
  options: string[];
  singles: string[];
  /** Of the layout, before and in this round. */
  from: number;
  to: number;
  /** The stack moves from dynamic to native resources, with what failed last in its state. */
  isNative?: true;
}

const rounds: Round[] = [
  {
    repaired: "without a refresh",
    options: ["--refresh=false"],
    singles: ["one", "two", "three"],
    from: 0,
    to: 3,
  },
  {
    repaired: "with a refresh",
    options: [],
    singles: ["one", "two", "three", "four", "five"],
    from: 3,
    to: 5,
    isNative: true,
  },
];

const type = "A40-2Q";

onLab("partial failures under the real CLI", { cards: "A40@0000:41", state: "ready" }, ({ lab, stack }) => {
  const gpu = { model: "A40" };
  const functions = (): Declared => ({
    kind: "SriovEnablement",
    name: "functions",
    connection: connectionTo(lab()),
    gpus: [gpu],
  });
  const single = (name: string): Declared => ({ kind: "MdevVgpu", name, on: "functions", gpu, type });
  const layout = (count: number): Declared[] =>
    count ? [{ kind: "VgpuLayout", name: "layout", on: "functions", gpu, vgpus: { [type]: count } }] : [];
  const namesInState = async () => (await stack().state()).map(({ urn }) => urn.split("::").pop()!);

  test("up fails with the observed count when virtual functions do not appear, and creates no dependent vGPU", async () => {
    await injectFault(lab(), "sriov-manage-silent");
    stack().declare([functions(), single("one")]);
    const { code, output } = await stack().up();
    expect(code).not.toBe(0);
    expect(output).toContain("sriov-manage ended with 0, and 0000:41:00.0 has 0 of 32 virtual functions");
    expect(await typesOn(lab())).toEqual([]);
    expect(await namesInState()).not.toContain("one");
  });

  test("the next up enables the virtual functions once the fault is cleared", async () => {
    await faults["sriov-manage-silent"]!.clear!(lab());
    const { code, output } = await stack().up();
    expect(code, output).toBe(0);
    expect(await typesOn(lab())).toEqual([type]);
  });

  describe.each(rounds.map((round) => [round.repaired, round] as const))(
    "a partial failure that is repaired %s",
    (_, { options, singles, from, to, isNative = false }) => {
      let before: string[];

      test("a failing single vGPU does not keep the others from being created", async () => {
        stack().isNative = isNative;
        stack().declare([functions(), ...singles.map(single), ...layout(from)]);
        await injectFault(lab(), "type-write-eio", "1");
        // Else the engine starts no further resource after the first failure.
        const { code, output } = await stack().up("--refresh=false", "--continue-on-error");
        expect(code).not.toBe(0);
        expect(output).toMatch(new RegExp(`the driver refuses (NVIDIA )?${type} on 0000:41:`));
        before = await mdevsOn(lab());
        expect(before).toHaveLength(singles.length + from - 1);
        expect((await namesInState()).filter((name) => singles.includes(name))).toHaveLength(singles.length - 1);
      });

      test("the next up creates the single vGPU that failed, and changes no other", async () => {
        const { code, output } = await stack().up(...options);
        expect(code, output).toBe(0);
        expect(output).toMatch(/\+ 1 created/);
        expect(output).not.toMatch(/updated|replaced|deleted/);
        const after = await mdevsOn(lab());
        expect(after).toHaveLength(singles.length + from);
        expect(after).toEqual(expect.arrayContaining(before));
      });

      test("a layout with a failing vGPU has the others, and its outputs report the missing one", async () => {
        stack().declare([functions(), ...singles.map(single), ...layout(to)]);
        await injectFault(lab(), "type-write-eio", "1");
        const { code } = await stack().up("--refresh=false");
        expect(code).not.toBe(0);
        before = await mdevsOn(lab());
        expect(before).toHaveLength(singles.length + to - 1);
        const { instances, pending, vgpus } = await stack().outputsOf("layout");
        expect(Object.keys(instances as object)).toHaveLength(to - 1);
        expect(vgpus).toEqual({ [type]: to - 1 });
        expect(pending).toEqual([expect.stringContaining(`create ${type}`)]);
      });

      test.runIf(options.length === 0)("a refreshing preview still reports the missing vGPU of a layout", async () => {
        const { code, output } = await stack().preview("--expect-no-changes");
        expect(code, output).toBe(7);
        expect(output).toMatch(new RegExp(`\\[layout@\\S+\\] missing: create ${type} \\S+ on 0000:41:`));
      });

      test("the next up completes the layout, and changes nothing else", async () => {
        const { code, output } = await stack().up(...options);
        expect(code, output).toBe(0);
        expect(output).toMatch(/~ 1 updated/);
        expect(output).not.toMatch(/created|replaced|deleted/);
        const after = await mdevsOn(lab());
        expect(after).toHaveLength(singles.length + to);
        expect(after).toEqual(expect.arrayContaining(before));
        expect((await stack().outputsOf("layout")).pending).toEqual([]);
      });
    },
  );

  test("a preview after all repairs finds no changes", async () => {
    const { code, output } = await stack().preview("--expect-no-changes");
    expect(code, output).toBe(0);
  });
});
