import { expect, test } from "vitest";
import { injectFault } from "../lab";
import { faults } from "../lab/faults";
import { sriovAndLayout, typesOn } from "./declared";
import { hasSomeVfsOf, interruptionScenario } from "./interruption-scenario";
import { onLab } from "./on-lab";
import {
  expectNoLocks,
  hasSomeVfs,
  recordSriovManage,
  slowDownVfs,
  speedUpVfs,
  sriovManageCalls,
  startUp,
  waitUntil,
} from "./running-up";

interruptionScenario("vGPUs by type files of an L40S, interrupted at every step", {
  host: { cards: "L40S@0000:3d", state: "ready", driver: "580.105.06" },
  declared: async (lab, vgpus) => sriovAndLayout(lab, "L40S", vgpus),
  interrupts: [
    { calls: "enable_vfs", middle: hasSomeVfsOf("0000:3d"), kills: "runner", declares: { "L40S-1Q": 32 } },
    { calls: "record_gpu", kills: "step" },
    { calls: "install_restorer", kills: "runner" },
    { calls: "set_type", middle: "vgpus() >= 3", kills: "step" },
    { calls: "clear_type", middle: "vgpus() <= 30", kills: "run", declares: { "L40S-2Q": 24 } },
  ],
});

onLab(
  "a connection that is lost in the middle of an up",
  { cards: "A40@0000:41", state: "ready" },
  ({ lab, stack }) => {
    test("up continues when the host answers again after a lost connection, and starts no step twice", async () => {
      await recordSriovManage(lab());
      stack().declare(sriovAndLayout(lab(), "A40", { "A40-12Q": 4 }));
      await slowDownVfs(lab());
      const running = await startUp(stack());
      await waitUntil(lab(), hasSomeVfs);
      await injectFault(lab(), "sshd-stopped");
      await expect.poll(running.printed, { timeout: 30_000 }).toMatch(/the connection was lost/);
      await speedUpVfs(lab());
      await faults["sshd-stopped"]!.clear!(lab());
      const { code, output } = await running.ended;
      expect(code, output).toBe(0);
      expect(await typesOn(lab())).toEqual(Array<string>(4).fill("A40-12Q"));
      expect(await sriovManageCalls(lab())).toEqual(["-e 0000:41:00.0"]);
      await expectNoLocks(lab(), stack());
    });
  },
);
