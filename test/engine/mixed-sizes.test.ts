import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LabHost, UpOptions } from "../lab";
import { up } from "../lab";
import { endVm, pci, startVm } from "../lab/behaviours/devices";
import { mdevHost, vendorHost } from "../lab/behaviours/mig-hosts";
import type { Vgpus } from "./declared";
import { sriovAndLayout } from "./declared";
import { vgpusOn } from "./manual-changes";
import { Stack } from "./stack";

describe.each<[string, UpOptions, string]>([
  ["A40", mdevHost, "/sys/bus/mdev/devices/"],
  ["L40S", vendorHost, pci("")],
])("framebuffer sizes of one %s under the real CLI", (model, options, devices) => {
  let lab: LabHost;
  let stack: Stack;
  beforeAll(async () => {
    lab = await up(options);
    stack = new Stack();
  });
  afterAll(async () => {
    stack.remove();
    await lab.down();
  });

  /** Declares a layout by sizes, such as 12Q, and runs `up`. */
  const layout = (sizes: Vgpus) => {
    const vgpus = Object.fromEntries(Object.entries(sizes).map(([size, count]) => [`${model}-${size}`, count]));
    stack.declare(sriovAndLayout(lab, model, vgpus));
    return stack.up();
  };
  const mode = async () =>
    /vGPU Heterogeneous Mode\s*: (\S+)/.exec(
      (await lab.run("nvidia-smi -q")).split(/^GPU /m).find((text) => text.includes(`NVIDIA ${model}\n`))!,
    )?.[1];

  test("one up from nothing turns mixed-size mode on and creates two sizes, and the next preview finds no change", async () => {
    const { code, output } = await layout({ "12Q": 2, "24Q": 1 });
    expect(code, output).toBe(0);
    expect(await vgpusOn(lab)).toHaveLength(3);
    expect(await mode()).toBe("Enabled");
    const preview = await stack.preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
  });

  test("while a VM uses a vGPU, a layout that needs the mode off is refused, and names the VM", async () => {
    const before = await vgpusOn(lab);
    const vm = await startVm(lab, "cad-01", `${devices}${before[0]!.split(" ")[0]}`);
    const { code, output } = await layout({ "8Q": 6 });
    await endVm(lab, vm);
    expect(code).not.toBe(0);
    expect(output).toMatch(/is used by the guest cad-01 \(running, pid \d+\)/);
    expect(await vgpusOn(lab)).toEqual(before);
  });

  test("one up turns mixed-size mode off for a size of which more fit without it", async () => {
    const { code, output } = await layout({ "8Q": 6 });
    expect(code, output).toBe(0);
    expect(await vgpusOn(lab)).toHaveLength(6);
    expect(await mode()).toBe("Disabled");
  });
});
