import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { end } from "../apply/processes";
import { injectFault, type LabHost } from "../lab";
import { faults } from "../lab/faults";
import { inGuest } from "../lab/faults/fault";
import { mdevsOn, uuidsOn } from "./by-hand";
import { cardOf, typesOn } from "./declared";
import {
  begin, callsOn, countCalls, expectNoLocks, lives, noFaults, onceTrue, providerAtWork, providersOf, runAtWork,
  slowFunctions, someFunctions, stuck, stuckBehindThree, type Going,
} from "./midway";
import { onLab } from "./on-lab";
import { Stack, type Declared } from "./stack";

interface Stage {
  while: string;
  declared: (lab: LabHost) => Declared[];
  slowDown: (lab: LabHost) => Promise<void>;
  /** What is true on the host in the middle of it. */
  middle: string;
  there: string[];
}

const stages: Stage[] = [
  {
    while: "virtual functions are being enabled",
    declared: (lab) => cardOf(lab, "A40", {}).slice(0, 1), slowDown: slowFunctions, middle: someFunctions, there: [],
  },
  {
    while: "the vGPUs of a layout are being made",
    declared: (lab) => cardOf(lab, "A40", { "A40-6Q": 8 }), slowDown: stuckBehindThree, middle: stuck,
    there: Array<string>(8).fill("A40-6Q"),
  },
  {
    while: "a layout gets another size",
    declared: (lab) => cardOf(lab, "A40", { "A40-8Q": 6 }), slowDown: stuckBehindThree, middle: stuck,
    there: Array<string>(6).fill("A40-8Q"),
  },
];

/** Ends something. Then an `up` has to come to a good end, which is what this returns. */
type Kill = (stage: Stage, going: Going, lab: LabHost, stack: Stack) => Promise<Going>;

const runner = `${runAtWork} && runner=$(pgrep -o -f "^sh $run/job")`;
const below = "below() { echo $1; for one in $(pgrep -P $1); do below $one; done; }";

/** What of a run is killed, in each of the stages; its watchdog is the runner's first child. */
const ofTheHost = [`${below}; kill -KILL $(below $(pgrep -n -P $runner))`, "pkill -KILL -s $runner", "kill -KILL $runner"];

const killOnHost: Kill = async (stage, going, lab, stack) => {
  await inGuest(lab, `${runner} && { ${ofTheHost[stages.indexOf(stage)]!}; }`);
  await noFaults(lab);
  const { code, output } = await going.ended;
  expect(code, output).not.toBe(0);
  return begin(stack);
};

/** The next `up` finds the run that goes on, and waits for it. */
async function waitsFor(pid: number, stack: Stack, lab: LabHost): Promise<Going> {
  const next = await begin(stack);
  await expect.poll(next.printed, { timeout: 60_000, interval: 100 }).toMatch(new RegExp(`waiting for \\S+ \\(pid ${pid}; `));
  await noFaults(lab);
  return next;
}

const killProvider: Kill = async (_, going, lab, stack) => {
  const provider = await providerAtWork(lab, going);
  end(provider);
  const { code, output } = await going.ended;
  expect(code, output).not.toBe(0);
  return waitsFor(provider, stack, lab);
};

const killCli: Kill = async (_, going, lab, stack) => {
  const provider = await providerAtWork(lab, going);
  const idle = providersOf(going).filter((pid) => pid !== provider);
  end(going.cli.pid!);
  expect((await stack.pulumi("cancel", "--yes")).code).toBe(0);
  const next = await waitsFor(provider, stack, lab);
  expect(lives(provider)).toBe(true);
  await onceTrue(lab, `! ${runAtWork} || ! grep -q 'pid ${provider};' $run/owner`);
  await expect.poll(() => lives(provider), { timeout: 15_000, interval: 100 }).toBe(false);
  // Where there is a state, the engine starts a second one and asks nothing of it. It never loads this package, and stays.
  idle.forEach(end);
  return next;
};

onLab("an up that is interrupted", { cards: "A40@0000:41", state: "ready" }, ({ lab }) => {
  describe.each([
    ["the step, the run, or the runner on the host", killOnHost],
    ["the provider process", killProvider],
    ["the CLI, which leaves the provider an orphan that ends by itself", killCli],
  ])("by the end of %s", (_, kill) => {
    const stack = new Stack();
    beforeAll(async () => {
      await lab().reset();
      await countCalls(lab());
    });
    afterAll(() => stack.remove());

    test.each(stages.map((stage) => [stage.while, stage] as const))("while %s, is finished by the next", async (_, stage) => {
      stack.declare(stage.declared(lab()));
      await stage.slowDown(lab());
      const going = await begin(stack);
      await onceTrue(lab(), stage.middle);
      const before = await mdevsOn(lab());
      const { ended } = await kill(stage, going, lab(), stack);
      const { code, output } = await ended;
      expect(code, output).toBe(0);
      expect(await typesOn(lab())).toEqual(stage.there);
      expect(await mdevsOn(lab())).toEqual(expect.arrayContaining(before));
      expect(await callsOn(lab())).toEqual(["-e 0000:41:00.0"]);
      await expectNoLocks(lab(), stack);
    });

    test("then nothing is left to be done", async () => {
      const { code, output } = await stack.preview("--expect-no-changes");
      expect(code, output).toBe(0);
      const { all } = (await stack.outputsOf("layout")) as { all: Record<string, { uuid: string }> };
      expect(Object.values(all).map(({ uuid }) => uuid).sort()).toEqual(await uuidsOn(lab()));
    });
  });

  describe("by the end of its connection", () => {
    const stack = new Stack();
    beforeAll(async () => {
      await lab().reset();
      await countCalls(lab());
    });
    afterAll(() => stack.remove());

    test("goes on as soon as the host answers again, and what runs there is not started twice", async () => {
      stack.declare(cardOf(lab(), "A40", { "A40-12Q": 4 }));
      await slowFunctions(lab());
      const going = await begin(stack);
      await onceTrue(lab(), someFunctions);
      await injectFault(lab(), "sshd-stopped");
      await expect.poll(going.printed, { timeout: 30_000 }).toMatch(/the connection was lost/);
      await noFaults(lab());
      await faults["sshd-stopped"]!.clear!(lab());
      const { code, output } = await going.ended;
      expect(code, output).toBe(0);
      expect(await typesOn(lab())).toEqual(Array<string>(4).fill("A40-12Q"));
      expect(await callsOn(lab())).toEqual(["-e 0000:41:00.0"]);
      await expectNoLocks(lab(), stack);
    });
  });
});
