import { expect, test } from "vitest";
import { endVm, startVm } from "../lab/behaviours/devices";
import type { Vgpus } from "./declared";
import { cardOf, typesOn } from "./declared";
import { onLab } from "./on-lab";

onLab("a layout of an A40 under the real CLI", { cards: "A40@0000:41", state: "ready" }, ({ lab, stack }) => {
  const times = (count: number, type: string) => Array<string>(count).fill(type);
  const want = (vgpus: Vgpus, named = {}) => stack().declare(cardOf(lab(), "A40", vgpus, named));
  // The engine may encrypt the same secret anew each time it writes the state.
  const readable = async () =>
    JSON.stringify(await stack().state(), (key, value) => (key === "ciphertext" ? "" : value), 2);

  test("VFs and vGPUs come with the first up, and the second changes nothing and writes nothing", async () => {
    want({ "A40-12Q": 4 });
    const first = await stack().up();
    expect(first.output).toContain("+ 3 created");
    expect(first.code).toBe(0);
    expect(await typesOn(lab())).toEqual(times(4, "A40-12Q"));
    const state = await readable();
    const second = await stack().up("--expect-no-changes");
    expect(second.code, second.output).toBe(0);
    expect(await readable()).toEqual(state);
  });

  test.each([
    ["4 x 12Q", { "A40-24Q": 2 }, times(2, "A40-24Q")],
    ["2 x 24Q", { "A40-6Q": 8 }, times(8, "A40-6Q")],
  ])("from %s to another framebuffer size in one up", async (_, vgpus, there) => {
    want(vgpus as Vgpus);
    const { code, output } = await stack().up();
    expect(code, output).toBe(0);
    expect(await typesOn(lab())).toEqual(there);
    const after = await stack().preview("--expect-no-changes");
    expect(after.code, after.output).toBe(0);
  });

  test("raising a count touches nothing that is there", async () => {
    want({ "A40-6Q": 6 });
    expect((await stack().up()).code).toBe(0);
    const before = (await lab().run("stat -c '%n %i' /sys/bus/mdev/devices/*")).split("\n");
    want({ "A40-6Q": 7 });
    expect((await stack().up()).code).toBe(0);
    expect((await lab().run("stat -c '%n %i' /sys/bus/mdev/devices/*")).split("\n")).toEqual(
      expect.arrayContaining(before),
    );
    expect(await typesOn(lab())).toEqual(times(7, "A40-6Q"));
  });

  test("with one of them held by a VM nothing is touched, and the VM is named", async () => {
    const held = (await lab().run("ls /sys/bus/mdev/devices")).split("\n")[0]!;
    const pid = await startVm(lab(), "cad-01", `/sys/bus/mdev/devices/${held}`);
    want({ "A40-24Q": 2 });
    const { code, output } = await stack().up();
    expect(code).not.toBe(0);
    expect(output).toContain("cad-01");
    expect(await typesOn(lab())).toEqual(times(7, "A40-6Q"));
    await endVm(lab(), pid);
    const again = await stack().up();
    expect(again.code, again.output).toBe(0);
    expect(await typesOn(lab())).toEqual(times(2, "A40-24Q"));
  });

  test("destroy takes the vGPUs and leaves the VFs", async () => {
    const { code, output } = await stack().destroy();
    expect(code, output).toBe(0);
    expect(await typesOn(lab())).toEqual([]);
    expect(await lab().run("cat /sys/bus/pci/devices/0000:41:00.0/sriov_numvfs")).toBe("32\n");
  });
});
