import { expect, test } from "vitest";
import type { LabHost } from "../lab";
import { driverPackage } from "../lab/driver/package";
import { connectionTo, typesOn } from "./declared";
import { onLab } from "./on-lab";

const version = "550.163.02";

/** What the documented steps change on a host, apart from packages, logs and caches. */
const traces = "ls /etc/modprobe.d /usr/bin/nvidia-* /etc/nvidia-vgpu /var/lib/nvidia-vgpu /run/nvidia-vgpu 2>/dev/null; sed '/^GRUB_CMDLINE_LINUX=/d' /etc/default/grub; lspci -nnk -d 10de:";

/** Words come back at the end of the line, where they mean the same. */
const kernelWords = async (lab: LabHost): Promise<string[]> => (await lab.run(". /etc/default/grub; echo $GRUB_CMDLINE_LINUX")).trim().split(" ").sort();

onLab("from a bare host to running vGPUs under the real CLI", { cards: "A40@0000:41", state: "bare", iommu: "off" }, ({ lab, stack }) => {
  let before = "";
  let wordsBefore: string[] = [];
  const declare = async (): Promise<void> =>
    stack().declare([
      {
        kind: "VgpuManagerInstall", name: "driver", connection: connectionTo(lab(), "ops"), package: await driverPackage(version),
        iommu: true, reboot: "whenIdle", onDelete: "uninstall",
      },
      { kind: "SriovEnablement", name: "functions", on: "driver", gpus: [{ model: "A40" }], onDelete: "disable" },
      { kind: "VgpuLayout", name: "layout", on: "functions", gpu: { model: "A40" }, vgpus: { "A40-12Q": 4 } },
    ]);

  test("one up takes it there: compiler, nouveau off, IOMMU on, driver, reboots, VFs, vGPUs", async () => {
    before = await lab().run(traces);
    wordsBefore = await kernelWords(lab());
    await declare();
    const { code, output } = await stack().up();
    expect(code, output).toBe(0);
    expect(await lab().run("cat /sys/module/nvidia/version")).toBe(`${version}\n`);
    expect(await typesOn(lab())).toEqual(["A40-12Q", "A40-12Q", "A40-12Q", "A40-12Q"]);
    expect(output).toMatch(/installed? NVIDIA vGPU Manager|vGPU Manager 550\.163\.02/);
    expect((await stack().outputsOf("driver")).rebootPending).toBe(false);
  });

  test("the second up changes nothing", async () => {
    const { code, output } = await stack().up("--expect-no-changes");
    expect(code, output).toBe(0);
  });

  test("destroy with uninstall and disable leaves the host as found", async () => {
    const { code, output } = await stack().destroy();
    expect(code, output).toBe(0);
    await lab().reboot();
    expect(await lab().run(traces)).toBe(before);
    expect(await kernelWords(lab())).toEqual(wordsBefore);
  });
});
