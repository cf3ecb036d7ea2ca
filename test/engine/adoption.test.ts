import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endVm, startVm } from "../lab";
import { connectionTo } from "./declared";
import { makeVgpu, mdevsOn, uuidsOn } from "./manual-changes";
import { onLab } from "./on-lab";
import type { Declared } from "./stack";
import { Stack } from "./stack";

const t4 = "0000:3b:00.0";
const desktop = "11111111-1111-4111-8111-111111111111";
const named = "22222222-2222-4222-8222-222222222222";
const counted = "33333333-3333-4333-8333-333333333333";
const undeclared = "44444444-4444-4444-8444-444444444444";

onLab(
  "vGPUs that were made by hand, under the real CLI",
  { cards: "T4@0000:3b,A40@0000:41", state: "ready" },
  ({ lab, stack }) => {
    const single = (): Declared => ({
      kind: "MdevVgpu",
      name: "desktop",
      connection: connectionTo(lab()),
      gpu: { model: "T4" },
      type: "T4-4Q",
      uuid: desktop,
    });
    const layout = (): Declared => ({
      kind: "VgpuLayout",
      name: "layout",
      connection: connectionTo(lab()),
      gpu: { model: "A40" },
      vgpus: { "A40-12Q": 1 },
      named: { "cad-01": { type: "A40-12Q", uuid: named } },
      takeOver: ["unrecorded"],
    });
    const left = () => uuidsOn(lab());
    let before: string[];

    beforeAll(async () => {
      await lab().run("/usr/lib/nvidia/sriov-manage -e 0000:41:00.0");
      await makeVgpu(lab(), t4, "T4-4Q", desktop);
      await makeVgpu(lab(), t4, "T4-4C", undeclared);
      await makeVgpu(lab(), "0000:41:00.4", "A40-12Q", named);
      await makeVgpu(lab(), "0000:41:00.5", "A40-12Q", counted);
      before = await mdevsOn(lab());
      expect(before).toHaveLength(4);
    });

    test("are adopted when they are declared, by UUID or by type, and not touched", async () => {
      stack().declare([single(), layout()]);
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect(await mdevsOn(lab())).toEqual(before);
      const { instances: all } = (await stack().outputsOf("layout")) as { instances: Record<string, { uuid: string }> };
      expect(Object.fromEntries(Object.entries(all).map(([key, { uuid }]) => [key, uuid]))).toEqual({
        "cad-01": named,
        "A40-12Q#1": counted,
      });
      const after = await stack().preview("--expect-no-changes");
      expect(after.code, after.output).toBe(0);
    });

    describe("another stack", () => {
      let rival: Stack;
      beforeAll(() => void (rival = new Stack("rival")));
      afterAll(() => rival.remove());

      test("does not adopt what this one has, and is told whose it is", async () => {
        rival.declare([single()]);
        const { code, output } = await rival.up();
        expect(code).not.toBe(0);
        expect(output).toMatch(/11111111-\S+ was made by vgpu-test\/test#[0-9a-f]{8}/);
        expect(await mdevsOn(lab())).toEqual(before);
      });

      test("reads it by its UUID, and takes nothing with it when it goes", async () => {
        rival.declare([
          { kind: "MdevVgpu", name: "seen", get: desktop.toUpperCase(), connection: connectionTo(lab()) },
        ]);
        const { code, output } = await rival.up();
        expect(code, output).toBe(0);
        expect(await rival.outputsOf("seen")).toMatchObject({
          uuid: desktop,
          type: "T4-4Q",
          gpuAddress: t4,
          parentAddress: t4,
          framework: "mdev",
        });
        const end = await rival.destroy();
        expect(end.code, end.output).toBe(0);
        expect(await mdevsOn(lab())).toEqual(before);
      });

      test("is told when there is none under a UUID", async () => {
        rival.declare([
          {
            kind: "MdevVgpu",
            name: "seen",
            get: "55555555-5555-4555-8555-555555555555",
            connection: connectionTo(lab()),
          },
        ]);
        const { code, output } = await rival.up();
        expect(code).not.toBe(0);
        expect(output).toContain("Could not read 55555555-5555-4555-8555-555555555555");
      });
    });

    test("one that a VM holds is not destroyed, nor is any other of its layout, and the VM is named", async () => {
      const pid = await startVm(lab(), "cad-01", `/sys/bus/mdev/devices/${named}`);
      const { code, output } = await stack().destroy();
      expect(code).not.toBe(0);
      expect(output).toMatch(/22222222-\S+ on 0000:41:00\.4 is used by the guest cad-01/);
      expect(await left()).toEqual([desktop, named, counted, undeclared]);
      expect((await stack().outputsOf("layout")).instances).toMatchObject({
        "cad-01": { uuid: named },
        "A40-12Q#1": { uuid: counted },
      });
      await endVm(lab(), pid);
    });

    test("after its end all that was taken over is destroyed, and nothing else; again, too", async () => {
      for (const _ of ["first", "again"]) {
        const { code, output } = await stack().destroy();
        expect(code, output).toBe(0);
        expect(await left(), "the single one was adopted and not taken over: it is given back").toEqual([
          desktop,
          undeclared,
        ]);
      }
      expect(await stack().state()).toEqual([]);
      expect(await lab().run("ls /etc/nvidia-vgpu/vgpus")).toBe("");
    });
  },
);
