import { expect, test } from "vitest";
import { endVm, startVm } from "../lab/behaviours/devices";
import type { Vgpus } from "./declared";
import { sriovAndLayout, typesOn } from "./declared";
import { onLab } from "./on-lab";

onLab("a layout of an A40 under the real CLI", { cards: "A40@0000:41", state: "ready" }, ({ lab, stack }) => {
  const times = (count: number, type: string) => Array<string>(count).fill(type);
  const declare = (vgpus: Vgpus, named = {}) => stack().declare(sriovAndLayout(lab(), "A40", vgpus, named));
  // The engine may encrypt the same secret again each time it writes the state.
  const comparableState = async () =>
    JSON.stringify(await stack().state(), (key, value) => (key === "ciphertext" ? "" : value), 2);

  test("the first up creates VFs and vGPUs, and the second changes neither host nor state", async () => {
    declare({ "A40-12Q": 4 });
    const first = await stack().up();
    expect(first.output).toContain("+ 3 created");
    expect(first.code).toBe(0);
    expect(await typesOn(lab())).toEqual(times(4, "A40-12Q"));
    const state = await comparableState();
    const second = await stack().up("--expect-no-changes");
    expect(second.code, second.output).toBe(0);
    expect(await comparableState()).toEqual(state);
  });

  test("one up replaces 4 x 12Q by vGPUs of another framebuffer size", async () => {
    declare({ "A40-24Q": 2 });
    const { code, output } = await stack().up();
    expect(code, output).toBe(0);
    expect(await typesOn(lab())).toEqual(times(2, "A40-24Q"));
    const after = await stack().preview("--expect-no-changes");
    expect(after.code, after.output).toBe(0);
  });

  test("up changes nothing while a VM uses a vGPU of the layout, and names the VM; the next one replaces 2 x 24Q by a smaller size", async () => {
    const used = (await lab().run("ls /sys/bus/mdev/devices")).split("\n")[0]!;
    const pid = await startVm(lab(), "cad-01", `/sys/bus/mdev/devices/${used}`);
    declare({ "A40-6Q": 8 });
    const { code, output } = await stack().up();
    expect(code).not.toBe(0);
    expect(output).toContain("cad-01");
    expect(await typesOn(lab())).toEqual(times(2, "A40-24Q"));
    await endVm(lab(), pid);
    const again = await stack().up();
    expect(again.code, again.output).toBe(0);
    expect(await typesOn(lab())).toEqual(times(8, "A40-6Q"));
  });

  test("destroy removes the vGPUs and keeps the VFs", async () => {
    const { code, output } = await stack().destroy();
    expect(code, output).toBe(0);
    expect(await typesOn(lab())).toEqual([]);
    expect(await lab().run("cat /sys/bus/pci/devices/0000:41:00.0/sriov_numvfs")).toBe("32\n");
  });
});
