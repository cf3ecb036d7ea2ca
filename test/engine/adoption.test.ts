import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endVm, startVm } from "../lab";
import { connectionTo } from "./declared";
import { createVgpu, mdevsOn, uuidsOn } from "./manual-changes";
import { onLab } from "./on-lab";
import type { Declared } from "./stack";
import { Stack } from "./stack";

const t4 = "0000:3b:00.0";
const desktop = "11111111-1111-4111-8111-111111111111";
const named = "22222222-2222-4222-8222-222222222222";
const counted = "33333333-3333-4333-8333-333333333333";
const undeclared = "44444444-4444-4444-8444-444444444444";

onLab(
  "vGPUs that were created by hand, under the real CLI",
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
    const remainingUuids = () => uuidsOn(lab());
    let before: string[];

    beforeAll(async () => {
      await lab().run("/usr/lib/nvidia/sriov-manage -e 0000:41:00.0");
      await createVgpu(lab(), t4, "T4-4Q", desktop);
      await createVgpu(lab(), t4, "T4-4C", undeclared);
      await createVgpu(lab(), "0000:41:00.4", "A40-12Q", named);
      await createVgpu(lab(), "0000:41:00.5", "A40-12Q", counted);
      before = await mdevsOn(lab());
      expect(before).toHaveLength(4);
    });

    test("declared vGPUs without a record are adopted by UUID or by type, without a change on the host", async () => {
      stack().declare([single(), layout()]);
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect(await mdevsOn(lab())).toEqual(before);
      const { instances } = (await stack().outputsOf("layout")) as { instances: Record<string, { uuid: string }> };
      expect(Object.fromEntries(Object.entries(instances).map(([key, { uuid }]) => [key, uuid]))).toEqual({
        "cad-01": named,
        "A40-12Q#1": counted,
      });
      const after = await stack().preview("--expect-no-changes");
      expect(after.code, after.output).toBe(0);
    });

    test("a stack with adopted vGPUs moves to the native plugin without a change on the host", async () => {
      stack().isNative = true;
      stack().declare([single(), layout()]);
      const { code, output } = await stack().up("--expect-no-changes");
      expect(code, output).toBe(0);
      expect(await mdevsOn(lab())).toEqual(before);
    });

    describe("a second stack on the same host", () => {
      let second: Stack;
      beforeAll(() => void (second = new Stack("second")));
      afterAll(() => second.remove());

      test("a second stack does not adopt a vGPU of the first, and its error names the owner", async () => {
        second.declare([single()]);
        const { code, output } = await second.up();
        expect(code).not.toBe(0);
        expect(output).toMatch(/11111111-\S+ was created by vgpu-test\/test#[0-9a-f]{8}/);
        expect(await mdevsOn(lab())).toEqual(before);
      });

      test("a second stack reads a vGPU by its UUID, and its destroy does not remove it", async () => {
        second.isNative = true;
        second.declare([
          { kind: "MdevVgpu", name: "read", get: desktop.toUpperCase(), connection: connectionTo(lab()) },
        ]);
        const { code, output } = await second.up();
        expect(code, output).toBe(0);
        expect(await second.outputsOf("read")).toMatchObject({
          uuid: desktop,
          type: "T4-4Q",
          gpuAddress: t4,
          parentAddress: t4,
          framework: "mdev",
        });
        const end = await second.destroy();
        expect(end.code, end.output).toBe(0);
        expect(await mdevsOn(lab())).toEqual(before);
      });

      test("reading a UUID that is not on the host fails with an error", async () => {
        second.isNative = false;
        second.declare([
          {
            kind: "MdevVgpu",
            name: "read",
            get: "55555555-5555-4555-8555-555555555555",
            connection: connectionTo(lab()),
          },
        ]);
        const { code, output } = await second.up();
        expect(code).not.toBe(0);
        expect(output).toContain("Could not read 55555555-5555-4555-8555-555555555555");
      });
    });

    test("destroy removes no vGPU of a layout while a VM uses one of them, and names the VM", async () => {
      const pid = await startVm(lab(), "cad-01", `/sys/bus/mdev/devices/${named}`);
      const { code, output } = await stack().destroy();
      expect(code).not.toBe(0);
      expect(output).toMatch(/22222222-\S+ on 0000:41:00\.4 is used by the guest cad-01/);
      expect(await remainingUuids()).toEqual([desktop, named, counted, undeclared]);
      expect((await stack().outputsOf("layout")).instances).toMatchObject({
        "cad-01": { uuid: named },
        "A40-12Q#1": { uuid: counted },
      });
      await endVm(lab(), pid);
    });

    test("destroy removes all vGPUs that were taken over and no others, also when it runs twice", async () => {
      for (const _ of ["first", "again"]) {
        const { code, output } = await stack().destroy();
        expect(code, output).toBe(0);
        expect(await remainingUuids(), "the single vGPU was adopted and not taken over: it is given back").toEqual([
          desktop,
          undeclared,
        ]);
      }
      expect(await stack().state()).toEqual([]);
      expect(await lab().run("ls /etc/nvidia-vgpu/vgpus")).toBe("");
    });
  },
);
