import { expect, test } from "vitest";
import { injectFault } from "../lab";
import { faults } from "../lab/faults";
import { cardOf, typesOn } from "./declared";
import { interruptionScenario, someOf } from "./interruption-scenario";
import { onLab } from "./on-lab";
import {
  begin,
  callsOn,
  countCalls,
  expectNoLocks,
  functionsAsEver,
  onceTrue,
  slowFunctions,
  someFunctions,
} from "./running-up";

interruptionScenario("vGPUs by type files of an L40S, interrupted at every step", {
  host: { cards: "L40S@0000:3d", state: "ready", driver: "580.105.06" },
  declared: async (lab, vgpus) => cardOf(lab, "L40S", vgpus),
  interrupts: [
    { calls: "enable_vfs", middle: someOf("0000:3d"), dies: "runner", declares: { "L40S-1Q": 32 } },
    { calls: "set_type", middle: "vgpus() >= 3", dies: "step" },
    { calls: "clear_type", middle: "vgpus() <= 30", dies: "run", declares: { "L40S-2Q": 24 } },
  ],
});

onLab(
  "a connection that is lost in the middle of an up",
  { cards: "A40@0000:41", state: "ready" },
  ({ lab, stack }) => {
    test("up continues when the host answers again after a lost connection, and starts no step twice", async () => {
      await countCalls(lab());
      stack().declare(cardOf(lab(), "A40", { "A40-12Q": 4 }));
      await slowFunctions(lab());
      const going = await begin(stack());
      await onceTrue(lab(), someFunctions);
      await injectFault(lab(), "sshd-stopped");
      await expect.poll(going.printed, { timeout: 30_000 }).toMatch(/the connection was lost/);
      await functionsAsEver(lab());
      await faults["sshd-stopped"]!.clear!(lab());
      const { code, output } = await going.ended;
      expect(code, output).toBe(0);
      expect(await typesOn(lab())).toEqual(Array<string>(4).fill("A40-12Q"));
      expect(await callsOn(lab())).toEqual(["-e 0000:41:00.0"]);
      await expectNoLocks(lab(), stack());
    });
  },
);
