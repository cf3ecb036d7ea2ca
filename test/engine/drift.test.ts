import { beforeAll, describe, expect, test } from "vitest";
import { connectionTo, typesOn } from "./declared";
import { createVgpu, mdevsOn, removeVgpu } from "./manual-changes";
import { onLab } from "./on-lab";
import type { Declared, Outcome } from "./stack";

const desktop = "11111111-1111-4111-8111-111111111111";
const compute = "22222222-2222-4222-8222-222222222222";
const unmanaged = "99999999-9999-4999-8999-999999999999";
const t4 = "0000:3b:00.0";
const unboundVf = "0000:41:03.4";

/** Exit code of Pulumi when there are changes and none were expected. */
const changesFound = 7;

onLab("drift under the real CLI", { cards: "T4@0000:3b,A40@0000:41", state: "ready" }, ({ lab, stack }) => {
  const declared = (): Declared[] => [
    { kind: "VgpuManagerInstall", name: "driver", connection: connectionTo(lab()), version: "550.163.02" },
    { kind: "SriovEnablement", name: "functions", on: "driver", gpus: "all" },
    {
      kind: "VgpuLayout",
      name: "layout",
      on: "functions",
      gpu: { model: "A40" },
      vgpus: { "A40-8Q": 3 },
      named: { "cad-01": { type: "A40-8Q", virtualFunction: 7, parameters: "frame_rate_limiter=0" } },
    },
    { kind: "MdevVgpu", name: "desktop", on: "driver", gpu: { model: "T4" }, type: "T4-4Q", uuid: desktop },
    { kind: "MdevVgpu", name: "compute", on: "driver", gpu: { model: "T4" }, type: "T4-4Q", uuid: compute },
  ];
  const declaredTypes = ["A40-8Q", "A40-8Q", "A40-8Q", "A40-8Q", "T4-4Q", "T4-4Q"];
  const previewDrift = (): Promise<Outcome> => stack().preview("--diff", "--expect-no-changes");
  const uuidOf = async (key: string): Promise<string> =>
    ((await stack().outputsOf("layout")).instances as Record<string, { uuid: string }>)[key]!.uuid;
  let preview: Outcome;

  /** Returns the lines of the preview about one resource. */
  const linesOf = (name: string): string =>
    preview.output
      .split("\n")
      .filter((line) => line.includes(`[${name}@${lab().address}]`))
      .join("\n");

  beforeAll(async () => {
    stack().declare(declared());
    const { code, output } = await stack().up();
    expect(code, output).toBe(0);
    expect(await typesOn(lab())).toEqual(declaredTypes);
  });

  describe("drift of services, files and single devices", () => {
    beforeAll(async () => {
      await lab().run("systemctl stop nvidia-vgpu-mgr && rm $(grep -l 'blacklist nouveau' /etc/modprobe.d/*)");
      await lab().run(`echo ${unboundVf} > /sys/bus/pci/devices/${unboundVf}/driver/unbind`);
      await lab().run(`echo frame_rate_limiter=1 > /sys/bus/mdev/devices/${await uuidOf("cad-01")}/nvidia/vgpu_params`);
      for (const uuid of [await uuidOf("A40-8Q#2"), desktop, compute]) await removeVgpu(lab(), uuid);
      await createVgpu(lab(), t4, "T4-4C", compute);
      preview = await previewDrift();
    });

    test("preview --expect-no-changes exits with 7 for drift of services, files and devices", () =>
      expect(preview.code, preview.output).toBe(changesFound));

    test.each([
      ["a stopped nvidia-vgpu-mgr", "driver", /nvidia-vgpu-mgr is inactive/],
      ["a missing blacklist of nouveau", "driver", /nouveau is not blacklisted and would be loaded at the next boot/],
      ["a VF without its driver", "functions", /0000:41:03\.4 is without a driver/],
      ["a missing vGPU of a layout", "layout", /the A40-8Q \S+ on 0000:41:00\.5 is gone/],
      [
        "parameters that were changed by hand",
        "layout",
        /"frame_rate_limiter=1" is set instead of "frame_rate_limiter=0"/,
      ],
      ["a missing single vGPU", "desktop", /11111111-1111-4111-8111-111111111111 is gone from the host/],
      ["a vGPU of another type under the same UUID", "compute", /T4-4C on 0000:3b:00\.0 is there instead of T4-4Q/],
    ])("the preview reports %s", (_, name, words) => expect(linesOf(name), preview.output).toMatch(words));

    test("one up repairs services, files and single devices", async () => {
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect(
        await lab().run(
          "systemctl is-active nvidia-vgpu-mgr; grep -ch 'blacklist nouveau' /etc/modprobe.d/nvidia-vgpu-nouveau.conf",
        ),
      ).toBe("active\n1\n");
      expect(await lab().run(`basename $(readlink /sys/bus/pci/devices/${unboundVf}/driver)`)).toBe("nvidia\n");
      expect(await lab().run(`cat /sys/bus/mdev/devices/${await uuidOf("cad-01")}/nvidia/vgpu_params`)).toBe(
        "frame_rate_limiter=0\n",
      );
      expect(await typesOn(lab())).toEqual(declaredTypes);
    });
  });

  describe("drift of virtual functions that were disabled by hand, which removed all vGPUs of the GPU", () => {
    beforeAll(async () => {
      // The stack moves to the native plugin while its host has drifted.
      stack().isNative = true;
      stack().declare(declared());
      await lab().run("/usr/lib/nvidia/sriov-manage -d 0000:41:00.0");
      preview = await previewDrift();
    });

    test("the preview reports disabled virtual functions, and the layout that depends on them", () => {
      expect(preview.code, preview.output).toBe(changesFound);
      expect(linesOf("functions")).toMatch(/VFs are off \(0 of 32\)/);
      expect(linesOf("layout")).toMatch(/has vGPUs on virtual functions only, and VFs are off \(0 of 32\)/);
    });

    test("one up enables the virtual functions and re-creates the vGPUs", async () => {
      const before = await mdevsOn(lab());
      const { code, output } = await stack().up();
      expect(code, output).toBe(0);
      expect(await typesOn(lab())).toEqual(declaredTypes);
      expect(await mdevsOn(lab())).toEqual(expect.arrayContaining(before));
    });
  });

  test("a preview after the repair finds no changes, and reports an unmanaged vGPU, which is none and stays", async () => {
    await createVgpu(lab(), "0000:41:00.7", "A40-8Q", unmanaged);
    preview = await previewDrift();
    expect(preview.code, preview.output).toBe(0);
    expect(linesOf("layout")).toMatch(
      /has a vGPU without a record: the A40-8Q 99999999-\S+ on 0000:41:00\.7; it stays/,
    );
    expect(await mdevsOn(lab())).toHaveLength(declaredTypes.length + 1);
  });
});
