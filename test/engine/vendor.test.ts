import { expect, test } from "vitest";
import { injectFault } from "../lab";
import { endVm, pci, setType, startVm, virtualFunctions } from "../lab/behaviours/devices";
import type { Vgpus } from "./declared";
import { sriovAndLayout } from "./declared";
import { typesByVf } from "./manual-changes";
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
    const declare = (vgpus: Vgpus, ...more: Declared[]) =>
      stack().declare([...sriovAndLayout(lab(), "L40S", vgpus), ...more]);
    const single: Declared = {
      kind: "MdevVgpu",
      name: "render",
      on: "layout",
      gpu: { model: "L40S" },
      type: "L40S-6Q",
      virtualFunction: 20,
    };

    test("a layout of 4 x 12Q with a failing vGPU has the other three, and its outputs report the missing one", async () => {
      declare({ "L40S-12Q": 4 });
      await injectFault(lab(), "type-write-eio", "1");
      const { code, output } = await stack().up();
      expect(code).not.toBe(0);
      expect(output).toMatch(/the driver refuses (NVIDIA )?L40S-12Q on 0000:3d:/);
      expect(Object.values(await typesByVf(lab()))).toEqual(times(3, "L40S-12Q"));
      const { instances, pending } = await stack().outputsOf("layout");
      expect(Object.keys(instances as object)).toHaveLength(3);
      expect(pending).toEqual([expect.stringContaining("create L40S-12Q")]);
    });

    test("the next up creates the vGPU that failed, and changes no other", async () => {
      const before = await typesByVf(lab());
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect(Object.values(await typesByVf(lab()))).toEqual(times(4, "L40S-12Q"));
      expect(await typesByVf(lab())).toMatchObject(before);
      expect((await recordedSteps(lab())).map(([does]) => does)).toEqual(["set_type"]);
    });

    test("one up creates 2 x 24Q in place of 4 x 12Q", async () => {
      declare({ "L40S-24Q": 2 });
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect(Object.values(await typesByVf(lab()))).toEqual(times(2, "L40S-24Q"));
    });

    test("one up creates 6 x 6Q in place of 2 x 24Q and a single vGPU on the given VF, and the next up changes nothing", async () => {
      declare({ "L40S-6Q": 6 }, single);
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect(Object.values(await typesByVf(lab()))).toEqual(times(7, "L40S-6Q"));
      const chosen = (await virtualFunctions(lab(), gpu))[20]!;
      expect(await typesByVf(lab())).toMatchObject({ [chosen]: ids["L40S-6Q"] });
      expect(await stack().outputsOf("render")).toMatchObject({
        parentAddress: chosen,
        framework: "vendor",
        typeName: "NVIDIA L40S-6Q",
      });
      const again = await stack().up("--expect-no-changes");
      expect(again.code, again.output).toBe(0);
    });

    test("up changes nothing while a VM uses a vGPU of the layout, and names the VM", async () => {
      const before = await typesByVf(lab());
      const vm = await startVm(lab(), "cad-01", pci(Object.keys(before)[2]!));
      declare({ "L40S-24Q": 2 });
      const { code, output } = await stack().up();
      await endVm(lab(), vm);
      expect(code).not.toBe(0);
      expect(output).toMatch(/is used by the guest cad-01 \(running, pid \d+\)/);
      expect(await typesByVf(lab())).toEqual(before);
    });

    test("the preview names every second vGPU that was lost, and up re-creates only those", async () => {
      declare({ "L40S-6Q": 6 }, single);
      const before = await typesByVf(lab());
      await injectFault(lab(), "half-lost");
      const remaining = await typesByVf(lab());
      const lost = Object.keys(before).filter((vf) => !(vf in remaining));
      expect(lost.length).toBeGreaterThan(2);
      const { code, output } = await stack().pulumi("up", "--yes");
      expect(code, output).toBe(0);
      const [preview] = output.split("Updating (test):");
      for (const vf of lost) expect(preview).toMatch(new RegExp(`the L40S-6Q \\S+ on ${vf} is gone`));
      expect(await typesByVf(lab())).toEqual(before);
      expect(new Set((await recordedSteps(lab())).map(([does, vf]) => `${does} ${vf}`))).toEqual(
        new Set(lost.map((vf) => `set_type ${vf}`)),
      );
    });

    test("destroy frees the VFs of its stack, and keeps types that were set by hand or since a reboot", async () => {
      const before = await typesByVf(lab());
      const manualVf = (await virtualFunctions(lab(), gpu)).find((vf) => !(vf in before))!;
      expect(await setType(lab(), manualVf, ids["L40S-6Q"]!)).toBe("");
      const { instances } = await stack().outputsOf("layout");
      const [{ uuid, parentAddress: taken }] = Object.values(
        instances as Record<string, { uuid: string; parentAddress: string }>,
      ) as [never];
      await lab().run(`sed -i 's/^boot=.*/boot=00000000-1111-4222-8333-000000000000/' /etc/nvidia-vgpu/vgpus/${uuid}`);
      const { code, output } = await stack().destroy();
      expect(code, output).toBe(0);
      expect(output).toMatch(
        new RegExp(`the L40S-6Q on ${taken} stays: a reboot removed the vGPU ${uuid} that was there`),
      );
      expect(await typesByVf(lab())).toEqual({ [manualVf]: ids["L40S-6Q"], [taken]: ids["L40S-6Q"] });
    });
  },
);
