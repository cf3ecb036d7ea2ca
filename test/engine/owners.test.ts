import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { driverPackage } from "../lab";
import { connectionTo } from "./declared";
import { mdevsOn, uuidsOn } from "./manual-changes";
import { onLab } from "./on-lab";
import type { Declared } from "./stack";
import { Stack } from "./stack";

const records = "/etc/nvidia-vgpu/vgpus";
const onAnotherMachine = ["unshare", "--uts", "sh", "-c", 'hostname ci-4711; exec "$@"', "sh"];

onLab("owners of vGPUs under the real CLI", { cards: "A40@0000:41", state: "ready" }, ({ lab, stack }) => {
  const functions = (): Declared => ({
    kind: "SriovEnablement",
    name: "functions",
    connection: connectionTo(lab()),
    gpus: [{ model: "A40" }],
    onDelete: "disable",
  });
  const layout = (more: object): Declared => ({
    kind: "VgpuLayout",
    name: "layout",
    on: "functions",
    gpu: { model: "A40" },
    ...more,
  });
  const single = (name: string): Declared => ({
    kind: "MdevVgpu",
    name,
    connection: connectionTo(lab()),
    gpu: { model: "A40" },
    type: "A40-12Q",
  });
  const alpha = stack;
  let beta: Stack;
  let betasUuids: string[];

  beforeAll(async () => {
    beta = new Stack("beta");
    alpha().declare([functions(), layout({ vgpus: { "A40-12Q": 2 } })]);
    const first = await alpha().up();
    expect(first.code, first.output).toBe(0);
    const before = await uuidsOn(lab());
    beta.declare([single("a"), single("b")]);
    const second = await beta.up();
    expect(second.code, second.output).toBe(0);
    betasUuids = (await uuidsOn(lab())).filter((uuid) => !before.includes(uuid));
    expect(betasUuids).toHaveLength(2);
  });
  afterAll(() => beta?.remove());

  describe("the same state on another machine", () => {
    afterAll(() => void (alpha().commandPrefix = []));

    test("a preview of the same state on a machine of another name, and in another folder, finds no changes", async () => {
      alpha().commandPrefix = onAnotherMachine;
      alpha().move();
      const { code, output } = await alpha().preview("--expect-no-changes");
      expect(code, output).toBe(0);
    });
  });

  test("up re-creates the lost record of a vGPU that is in the state", async () => {
    const before = await mdevsOn(lab());
    const [ours] = (await uuidsOn(lab())).filter((uuid) => !betasUuids.includes(uuid));
    await lab().run(`rm ${records}/${ours}`);
    const { code, output } = await alpha().up();
    expect(code, output).toBe(0);
    expect(await mdevsOn(lab())).toEqual(before);
    expect(await lab().run(`tail -n 1 ${records}/${ours}`)).toMatch(/^complete=yes$/m);
  });

  test("the error for a full GPU names the stack that owns the vGPUs", async () => {
    alpha().declare([functions(), layout({ vgpus: { "A40-12Q": 3 } })]);
    const { code, output } = await alpha().up();
    expect(code).not.toBe(0);
    expect(output).toMatch(/4 taken, 1 more declared; 2 of them created by vgpu-test\/beta#[0-9a-f]{8}/);
  });

  test("destroy on another machine removes the vGPUs of its stack, and no unused vGPU of another stack", async () => {
    alpha().declare([functions(), layout({ vgpus: { "A40-12Q": 2 } })]);
    alpha().commandPrefix = onAnotherMachine;
    const { code, output } = await alpha().destroy();
    alpha().commandPrefix = [];
    expect(code).not.toBe(0);
    expect(output).toMatch(/the A40-12Q \S+ on \S+ was created by vgpu-test\/beta#[0-9a-f]{8} and would be lost/);
    expect(await uuidsOn(lab())).toEqual(betasUuids);
  });

  describe("the driver of a host with vGPUs of another stack", () => {
    const hostState = async () => [
      await lab().run("cat /sys/module/nvidia/version; ls /var/lib/nvidia-vgpu 2>&1; true"),
      await mdevsOn(lab()),
    ];
    const refused = /the A40-12Q \S+ on \S+ was created by vgpu-test\/beta#[0-9a-f]{8} and would be lost/;

    test.each(["preview", "up"] as const)(
      "%s names the other stack that has vGPUs, and no other driver version is installed",
      async (command) => {
        const gamma = new Stack("gamma");
        const driver = { package: await driverPackage("580.105.06"), reboot: "whenIdle" };
        gamma.declare([
          {
            kind: "VgpuHost",
            name: "host",
            connection: connectionTo(lab()),
            driver,
            gpus: { card: { gpu: { model: "A40" } } },
          },
        ]);
        const before = await hostState();
        const { code, output } = await gamma[command]();
        gamma.remove();
        // A preview only warns.
        expect(code === 0).toBe(command === "preview");
        expect(output).toMatch(refused);
        expect(await hostState()).toEqual(before);
      },
    );

    test("destroy refuses to uninstall the driver while another stack has vGPUs", async () => {
      const delta = new Stack("delta");
      const version = (await lab().run("cat /sys/module/nvidia/version")).trim();
      delta.declare([
        { kind: "VgpuManagerInstall", name: "driver", connection: connectionTo(lab()), version, onDelete: "uninstall" },
      ]);
      const adopted = await delta.up();
      expect(adopted.code, adopted.output).toBe(0);
      const before = await hostState();
      const { code, output } = await delta.destroy();
      delta.remove();
      expect(code).not.toBe(0);
      expect(output).toMatch(refused);
      expect(await hostState()).toEqual(before);
    });
  });

  test("takeOver as the error suggests moves a vGPU to this stack, and the destroy of the former owner keeps it", async () => {
    const before = await mdevsOn(lab());
    const named = { cad: { type: "A40-12Q", uuid: betasUuids[0] } };
    alpha().declare([functions(), layout({ named })]);
    const refused = await alpha().up();
    expect(refused.code).not.toBe(0);
    const [, takeOver] = /give the resource takeOver: (\["[^"]+"\])/.exec(refused.output) ?? [];
    expect(takeOver, refused.output).toBeDefined();
    alpha().declare([functions(), layout({ named, takeOver: JSON.parse(takeOver!) as string[] })]);
    const taken = await alpha().up();
    expect(taken.code, taken.output).toBe(0);
    expect(await mdevsOn(lab())).toEqual(before);

    const destroyed = await beta.destroy();
    expect(destroyed.code, destroyed.output).toBe(0);
    expect(destroyed.output).toMatch(
      new RegExp(`${betasUuids[0]} on \\S+ stays: it belongs to vgpu-test/test#[0-9a-f]{8} now`),
    );
    expect(await uuidsOn(lab())).toEqual([betasUuids[0]]);
  });

  test("destroy removes everything once no other stack has vGPUs", async () => {
    const { code, output } = await alpha().destroy();
    expect(code, output).toBe(0);
    expect(await uuidsOn(lab())).toEqual([]);
    expect(await lab().run("cat /sys/bus/pci/devices/0000:41:00.0/sriov_numvfs")).toBe("0\n");
    expect(await lab().run(`ls ${records}`)).toBe("");
  });
});
