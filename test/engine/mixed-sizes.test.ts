import { expect, test } from "vitest";
import { endVm, pci, startVm } from "../lab/behaviours/devices";
import { vendorHost } from "../lab/behaviours/mig-hosts";
import type { Vgpus } from "./declared";
import { sriovAndLayout } from "./declared";
import { vgpusOn } from "./manual-changes";
import { mixedMode } from "./mixed-mode";
import { onLab } from "./on-lab";

onLab("framebuffer sizes of one L40S under the real CLI", vendorHost, ({ lab, stack }) => {
  const layout = (vgpus: Vgpus) => {
    stack().declare(sriovAndLayout(lab(), "L40S", vgpus));
    return stack().up();
  };

  test("one up from nothing turns mixed-size mode on and creates two sizes, and the next preview finds no change", async () => {
    const { code, output } = await layout({ "L40S-12Q": 2, "L40S-24Q": 1 });
    expect(code, output).toBe(0);
    expect(await vgpusOn(lab())).toHaveLength(3);
    expect(await mixedMode(lab(), "L40S")).toBe("Enabled");
    const preview = await stack().preview("--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
  });

  test("after a power cut the mode and both sizes are there, and the next preview finds no change", async () => {
    const before = await vgpusOn(lab());
    await lab().powerCut();
    const journal = await lab().run("journalctl -b -u nvidia-vgpu-restore -o cat --no-pager");
    expect(await vgpusOn(lab()), journal).toEqual(before);
    expect(await mixedMode(lab(), "L40S")).toBe("Enabled");
    const preview = await stack().preview("--refresh", "--expect-no-changes");
    expect(preview.code, preview.output).toBe(0);
  });

  test("while a VM uses a vGPU, a layout that needs the mode off is refused, and names the VM", async () => {
    const before = await vgpusOn(lab());
    const vm = await startVm(lab(), "cad-01", pci(before[0]!.split(" ")[0]!));
    const { code, output } = await layout({ "L40S-8Q": 6 });
    await endVm(lab(), vm);
    expect(code).not.toBe(0);
    expect(output).toMatch(/is used by the guest cad-01 \(running, pid \d+\)/);
    expect(await vgpusOn(lab())).toEqual(before);
  });

  test("one up turns mixed-size mode off for a size of which more fit without it", async () => {
    const { code, output } = await layout({ "L40S-8Q": 6 });
    expect(code, output).toBe(0);
    expect(await vgpusOn(lab())).toHaveLength(6);
    expect(await mixedMode(lab(), "L40S")).toBe("Disabled");
  });
});
