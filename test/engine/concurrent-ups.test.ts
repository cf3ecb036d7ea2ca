import { afterAll, expect, test } from "vitest";
import type { LabHost } from "../lab";
import { inGuest } from "../lab/faults/fault";
import { connectionTo, typesOn } from "./declared";
import { uuidsOn } from "./manual-changes";
import { onLab } from "./on-lab";
import {
  activeProvider,
  expectNoLocks,
  hasSomeVfs,
  recordSriovManage,
  slowDownVfs,
  speedUpVfs,
  sriovManageCalls,
  startUp,
  waitUntil,
} from "./running-up";
import type { Declared } from "./stack";
import { Stack } from "./stack";

onLab("two concurrent ups on one host", { cards: "A40@0000:41", state: "ready" }, ({ lab, stack }) => {
  const runFolder = "/run/nvidia-vgpu";
  const other = new Stack("other");
  other.isNative = true;
  afterAll(() => other.remove());

  const declared = (...names: string[]): Declared[] => [
    { kind: "SriovEnablement", name: "functions", connection: connectionTo(lab()), gpus: [{ model: "A40" }] },
    ...names.map(
      (name): Declared => ({ kind: "MdevVgpu", name, on: "functions", gpu: { model: "A40" }, type: "A40-8Q" }),
    ),
  ];

  test("two concurrent ups, of dynamic and of native resources, go on after both lost their connections, and start no step twice; the waiting one names what it waits for", async () => {
    await recordSriovManage(lab());
    await slowDownVfs(lab());
    stack().declare(declared("one", "two"));
    other.declare(declared("three", "four"));
    const first = await startUp(stack());
    await waitUntil(lab(), hasSomeVfs);
    const second = await startUp(other);
    const work = `\\(pid ${await activeProvider(lab(), first)}; SriovEnablement functions\\), \\d+ s so far: enable`;
    await expect
      .poll(second.printed, { timeout: 60_000, interval: 100 })
      .toMatch(new RegExp(`waiting for \\S+ ${work}`));
    await killAllLogins(lab());
    await expect.poll(first.printed, { timeout: 30_000 }).toMatch(/the connection was lost/);
    await speedUpVfs(lab());
    await inGuest(lab(), "systemctl start ssh.service");
    for (const { code, output } of await Promise.all([first.ended, second.ended])) expect(code, output).toBe(0);
    expect(await sriovManageCalls(lab())).toEqual(["-e 0000:41:00.0"]);
    expect(await typesOn(lab())).toEqual(Array<string>(4).fill("A40-8Q"));
    await expectNoLocks(lab(), stack());
  });

  /** Kills what logind kills at the end of a session with KillUserProcesses=yes; here also sshd. */
  async function killAllLogins(lab: LabHost): Promise<void> {
    const runner = `pid=$(pgrep -of '^sh ${runFolder}/run-[0-9a-f]*/job')`;
    expect(await inGuest(lab, `${runner} && cat /proc/$pid/cgroup`)).toMatch(
      /^0::\/system\.slice\/nvidia-vgpu-run-[0-9a-f]+\.scope\n?$/,
    );
    const before = await inGuest(lab, `${runner} && echo $pid`);
    await inGuest(lab, "systemctl kill --signal=KILL ssh.service; systemctl stop ssh.service");
    expect(await inGuest(lab, `${runner} && echo $pid`)).toBe(before);
  }

  test("a preview after two concurrent ups finds no changes, and destroy removes only the vGPUs of its stack", async () => {
    const { code, output } = await stack().preview("--expect-no-changes");
    expect(code, output).toBe(0);
    const othersVgpus = (await other.state()).filter(({ type }) => type.endsWith("MdevVgpu")).map(({ id }) => id!);
    expect((await stack().destroy()).code).toBe(0);
    expect(await uuidsOn(lab())).toEqual(othersVgpus.sort());
  });
});
