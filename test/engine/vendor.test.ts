import { expect, test } from "vitest";
import { injectFault } from "../lab";
import { endVm, pci, setType, startVm, virtualFunctions } from "../lab/behaviours/devices";
import type { Vgpus } from "./declared";
import { cardOf } from "./declared";
import { carried } from "./manual-changes";
import { onLab } from "./on-lab";
import { recordedSteps } from "./recorded-steps";
import type { Declared } from "./stack";

const gpu = "0000:3d:00.0";
const ids: Record<string, number> = { "L40S-6Q": 1151, "L40S-12Q": 1153, "L40S-24Q": 1155 };

const times = (count: number, type: string): number[] => Array<number>(count).fill(ids[type]!);

onLab(
  "vGPUs by type files of an L40S under the real CLI",
  { cards: "L40S@0000:3d", state: "ready", driver: "580.105.06" },
  ({ lab, stack }) => {
    const want = (vgpus: Vgpus, ...more: Declared[]) => stack().declare([...cardOf(lab(), "L40S", vgpus), ...more]);
    const single: Declared = {
      kind: "MdevVgpu",
      name: "render",
      on: "layout",
      gpu: { model: "L40S" },
      type: "L40S-6Q",
      virtualFunction: 20,
    };

    test("of 4 x 12Q one fails: the others are there, with what is missing said", async () => {
      want({ "L40S-12Q": 4 });
      await injectFault(lab(), "type-write-eio", "1");
      const { code, output } = await stack().up();
      expect(code).not.toBe(0);
      expect(output).toMatch(/the driver refuses (NVIDIA )?L40S-12Q on 0000:3d:/);
      expect(Object.values(await carried(lab()))).toEqual(times(3, "L40S-12Q"));
      const { all, pending } = await stack().outputsOf("layout");
      expect(Object.keys(all as object)).toHaveLength(3);
      expect(pending).toEqual([expect.stringContaining("create L40S-12Q")]);
    });

    test("the next up makes that one, and touches no other", async () => {
      const before = await carried(lab());
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect(Object.values(await carried(lab()))).toEqual(times(4, "L40S-12Q"));
      expect(await carried(lab())).toMatchObject(before);
      expect((await recordedSteps(lab())).map(([does]) => does)).toEqual(["set_type"]);
    });

    test.each([
      [2, "L40S-24Q", "4 x 12Q"],
      [8, "L40S-6Q", "2 x 24Q"],
    ])("%i x %s come with one up, where %s were", async (count, type) => {
      want({ [type]: count });
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect(Object.values(await carried(lab()))).toEqual(times(count, type));
    });

    test("a single vGPU goes to the VF that was chosen for it, and no up after that changes anything", async () => {
      want({ "L40S-6Q": 6 }, single);
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      const chosen = (await virtualFunctions(lab(), gpu))[20]!;
      expect(await carried(lab())).toMatchObject({ [chosen]: ids["L40S-6Q"] });
      expect(await stack().outputsOf("render")).toMatchObject({
        parentAddress: chosen,
        framework: "vendor",
        typeName: "NVIDIA L40S-6Q",
      });
      const again = await stack().up("--expect-no-changes");
      expect(again.code, again.output).toBe(0);
    });

    test("with one of them held by a VM nothing is touched, and the VM is named", async () => {
      const before = await carried(lab());
      const vm = await startVm(lab(), "cad-01", pci(Object.keys(before)[2]!));
      want({ "L40S-24Q": 2 });
      const { code, output } = await stack().up();
      await endVm(lab(), vm);
      expect(code).not.toBe(0);
      expect(output).toMatch(/is used by the guest cad-01 \(running, pid \d+\)/);
      expect(await carried(lab())).toEqual(before);
    });

    test("what is lost by halves is named by the preview, and an up repairs that and no more", async () => {
      want({ "L40S-6Q": 6 }, single);
      const before = await carried(lab());
      await injectFault(lab(), "half-lost");
      const left = await carried(lab());
      const lost = Object.keys(before).filter((vf) => !(vf in left));
      expect(lost.length).toBeGreaterThan(2);
      const preview = await stack().preview();
      for (const vf of lost) expect(preview.output).toMatch(new RegExp(`the L40S-6Q \\S+ on ${vf} is gone`));
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect(await carried(lab())).toEqual(before);
      expect(new Set((await recordedSteps(lab())).map(([does, vf]) => `${does} ${vf}`))).toEqual(
        new Set(lost.map((vf) => `set_type ${vf}`)),
      );
    });

    test("after a reboot one up brings back the VFs, and the vGPUs on the same VFs", async () => {
      const before = await carried(lab());
      await lab().reboot();
      expect(await carried(lab())).toEqual({});
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect(await carried(lab())).toEqual(before);
    });

    test("destroy frees what is ours: a VF keeps the type that somebody gave it, and so does one that others took since a reboot", async () => {
      const before = await carried(lab());
      const theirs = (await virtualFunctions(lab(), gpu)).find((vf) => !(vf in before))!;
      expect(await setType(lab(), theirs, ids["L40S-6Q"]!)).toBe("");
      const { instances: all } = await stack().outputsOf("layout");
      const [{ uuid, parentAddress: taken }] = Object.values(
        all as Record<string, { uuid: string; parentAddress: string }>,
      ) as [never];
      await lab().run(`sed -i 's/^boot=.*/boot=00000000-1111-4222-8333-000000000000/' /etc/nvidia-vgpu/vgpus/${uuid}`);
      const { code, output } = await stack().destroy();
      expect(code, output).toBe(0);
      expect(output).toMatch(
        new RegExp(`the L40S-6Q on ${taken} stays: a reboot removed the vGPU ${uuid} that was there`),
      );
      expect(await carried(lab())).toEqual({ [theirs]: ids["L40S-6Q"], [taken]: ids["L40S-6Q"] });
    });
  },
);
