import { beforeAll, expect, test } from "vitest";
import { end } from "../apply/processes";
import type { LabHost, UpOptions } from "../lab";
import type { Vgpus } from "./declared";
import { typesOn } from "./declared";
import { vgpusOn } from "./manual-changes";
import type { LabAndStack } from "./on-lab";
import { onLab } from "./on-lab";
import type { KilledPart, PausedRun } from "./pause";
import { killAndResume, pauseAtStep } from "./pause";
import { recordedSteps } from "./recorded-steps";
import type { RunningUp } from "./running-up";
import { activeProvider, cancel, expectNoLocks, isRunning, pidsOf, providersOf, startUp } from "./running-up";
import type { Declared, Stack } from "./stack";

interface Interrupt {
  /** The function of the host library that the step calls, and an expression of pause-step.pl that is true in its middle. */
  calls: string;
  middle?: string;
  kills: KilledPart;
  /** Declared from here on, once the `up` before has ended. */
  declares?: Vgpus;
  /** Runs on the host before that is declared. */
  before?: (lab: LabHost) => Promise<void>;
}

/** Several `up`s on one host, each of which is interrupted. */
interface InterruptionScenario {
  host: UpOptions;
  newStack?: () => Stack;
  /** Runs on the host before the first `up`. */
  before?: (lab: LabHost, stack: Stack) => Promise<void>;
  declared: (lab: LabHost, vgpus: Vgpus) => Promise<Declared[]>;
  interrupts: Interrupt[];
  /** At each interrupt the provider or the CLI is killed, by turns. Unless this is true, at the first one also the CLI of an `up` that waits. */
  killsOneClient?: boolean;
  /** Steps that are not interrupted here: another test does so, or they are too short. */
  interruptedElsewhere?: string[];
  /** Steps that are planned only after an interrupt, and are not interrupted themselves. */
  repairs?: string[];
  /** The same, but only if the interrupt came at the moment for it. */
  possibleRepairs?: string[];
}

/** Delays reboots on a host, so that they can be paused. */
export const slowReboot = `cat >/usr/local/bin/systemctl <<'SH' && chmod 755 /usr/local/bin/systemctl
#!/bin/sh
[ "$1" != reboot ] || { : >/run/reboot-asked-for; sleep 3; }
exec /usr/bin/systemctl "$@"
SH`;

export const reboot: Interrupt = { calls: "reboot_when_idle", middle: 'has("/run/reboot-asked-for")', kills: "run" };

/** An expression of pause-step.pl: some virtual functions of a GPU exist. */
export const hasSomeVfsOf = (bus: string) => `number_of("/sys/bus/pci/drivers/nvidia/${bus}:*") >= 4`;

/** Starts the next `up`, and expects that it waits for the run that is in the middle of a step. */
async function expectToWait(pid: number, stack: Stack): Promise<RunningUp> {
  const next = await startUp(stack);
  await expect
    .poll(next.printed, { timeout: 120_000, interval: 100 })
    .toMatch(new RegExp(`waiting for \\S+ \\(pid ${pid}; `));
  return next;
}

async function killProviders({ ended }: RunningUp, ...providers: number[]): Promise<void> {
  providers.forEach(end);
  const { code, output } = await ended;
  expect(code, output).not.toBe(0);
}

/** Kills the CLI. Its provider, an orphan now, ends by itself. */
async function killCli(running: RunningUp, stack: Stack, active?: number): Promise<void> {
  const [pids, providers] = [pidsOf(running), providersOf(running)];
  expect(providers).not.toEqual([]);
  const hasEnded = () => (active === undefined ? !providers.every(isRunning) : !isRunning(active));
  end(running.cli.pid!);
  await cancel(stack);
  await expect.poll(hasEnded, { timeout: 15_000, interval: 100 }).toBe(true);
  // The language host stays, and with a state also a second provider, which the engine does not use.
  pids.forEach(end);
}

/** Kills both while the host reboots: first the provider, then the CLI of the next `up`, which dials in vain. */
async function killBothDuringReboot(running: RunningUp, stack: Stack): Promise<RunningUp> {
  await expect.poll(running.printed, { timeout: 60_000, interval: 100 }).toContain("rebooting: ");
  await killProviders(running, ...providersOf(running));
  const next = await startUp(stack);
  await expect.poll(next.printed, { timeout: 60_000, interval: 100 }).toContain("driver creating");
  await killCli(next, stack);
  return startUp(stack);
}

/** Kills the provider, and then the CLI of the next `up`, which waits; or only one of them. The provider ends with its CLI. */
async function killClients(
  running: RunningUp,
  lab: LabHost,
  stack: Stack,
  killed: "both" | "provider" | "CLI",
): Promise<RunningUp> {
  const provider = await activeProvider(lab, running);
  if (killed === "CLI") await killCli(running, stack, provider);
  else await killProviders(running, provider);
  if (killed === "both") await killCli(await expectToWait(provider, stack), stack);
  return expectToWait(provider, stack);
}

/** Tests before and after the interrupted `up`s. */
interface OtherTests {
  first?: (there: LabAndStack) => void;
  last?: (there: LabAndStack) => void;
}

/**
 * Interrupts each step by killing CLI, provider and a part of the run. Each time another `up` continues from there. The first of the last tests
 * expects that nothing is left to change.
 */
export function interruptionScenario(
  title: string,
  {
    host,
    newStack,
    before,
    declared,
    interrupts,
    killsOneClient = false,
    interruptedElsewhere = [],
    repairs = [],
    possibleRepairs = [],
  }: InterruptionScenario,
  { first, last: afterwards }: OtherTests = {},
): void {
  const tests = (context: LabAndStack): void => {
    const { lab, stack } = context;
    let running: RunningUp | undefined;
    /** Waits until the next step to be interrupted is paused in its middle. */
    let pausedRun: () => Promise<PausedRun>;
    /** The vGPUs at the last interrupt. */
    let vgpusBefore: string[] = [];
    const planned = new Set<string>();
    /** If false, the following tests fail at once instead of waiting in vain. */
    let hasContinued = true;
    const last = interrupts.flatMap(({ declares }) => (declares ? [declares] : [])).at(-1)!;

    beforeAll(async () => {
      await before?.(lab(), stack());
    });
    first?.(context);

    const watch = async ({ calls, middle }: Interrupt) => void (pausedRun = await pauseAtStep(lab(), calls, middle));

    test.each(interrupts.map((one, index) => [one.calls, one, index] as const))(
      "the next up waits for an interrupted %s, and continues after it",
      async (_, interrupt, index) => {
        expect(hasContinued, "the run that was interrupted before has continued").toBe(true);
        hasContinued = false;
        const { calls, kills, declares } = interrupt;
        if (declares) {
          if (running) await expectLastUpToSucceed();
          await interrupt.before?.(lab());
          stack().declare(await declared(lab(), declares));
          await watch(interrupt);
          running = await startUp(stack());
        }
        const paused = await pausedRun();
        for (const [step] of await recordedSteps(lab())) planned.add(step!);
        vgpusBefore = await vgpusOn(lab());
        const killed = index % 2 ? "CLI" : killsOneClient || index ? "provider" : "both";
        running = await killClients(running!, lab(), stack(), killed);
        const next = interrupts[index + 1];
        const watchNext = async () => void (next && !next.declares && (await watch(next)));
        const resume = () => killAndResume(lab(), paused, kills);
        if (calls === reboot.calls) {
          await lab().comeBack(async () => {
            await resume();
            running = await killBothDuringReboot(running!, stack());
          });
          await watchNext();
        } else {
          await watchNext();
          await resume();
        }
        hasContinued = true;
      },
    );

    /** Expects that the last `up` succeeds, and re-created no vGPU. */
    async function expectLastUpToSucceed(): Promise<void> {
      const { code, output } = await running!.ended;
      expect(code, output).toBe(0);
      expect(await vgpusOn(lab())).toEqual(expect.arrayContaining(vgpusBefore));
    }

    test("the last up succeeds with all that was declared", async () => {
      expect(hasContinued).toBe(true);
      vgpusBefore = [];
      await expectLastUpToSucceed();
      expect(await typesOn(lab())).toHaveLength(Object.values(last).reduce((sum, count) => sum + count));
      await expectNoLocks(lab(), stack());
    });

    test("each step of the plans was interrupted once", () => {
      const others = [...possibleRepairs, ...interruptedElsewhere];
      expect([...planned].filter((step) => !others.includes(step)).sort()).toEqual(
        [...new Set([...interrupts.map(({ calls }) => calls), ...repairs])].sort(),
      );
    });

    afterwards?.(context);
  };
  onLab(title, host, tests, { newStack });
}
