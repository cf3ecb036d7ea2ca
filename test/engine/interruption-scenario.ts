import { beforeAll, expect, test } from "vitest";
import { end } from "../apply/processes";
import type { LabHost, UpOptions } from "../lab";
import type { Vgpus } from "./declared";
import { typesOn } from "./declared";
import type { Dies, Held } from "./hold";
import { endHeld, watchFor } from "./hold";
import { vgpusOn } from "./manual-changes";
import type { There } from "./on-lab";
import { onLab } from "./on-lab";
import { recordedSteps } from "./recorded-steps";
import type { RunningUp } from "./running-up";
import { begin, cancel, expectNoLocks, familyOf, lives, providerAtWork, providersOf } from "./running-up";
import type { Declared, Stack } from "./stack";

interface Interrupt {
  /** The step by the function of the host library that it calls, and what is true in its middle, in the words of hold-step.pl. */
  calls: string;
  middle?: string;
  dies: Dies;
  /** What is declared from here on, once the `up` before has come to its end. */
  declares?: Vgpus;
}

/** A way of a host, with `up` after `up`. */
interface InterruptionScenario {
  host: UpOptions;
  /** Done on the host before. */
  before?: (lab: LabHost) => Promise<void>;
  declared: (lab: LabHost, vgpus: Vgpus) => Promise<Declared[]>;
  interrupts: Interrupt[];
  /** Steps that come only behind an interrupt, and are not interrupted themselves. */
  repairs?: string[];
}

/** From now on a reboot waits before it begins, so that it can be stopped: else it is nearly over as soon as it is seen. */
export const slowReboot = `cat >/usr/local/bin/systemctl <<'SH' && chmod 755 /usr/local/bin/systemctl
#!/bin/sh
[ "$1" != reboot ] || { : >/run/reboot-asked-for; sleep 3; }
exec /usr/bin/systemctl "$@"
SH`;

export const reboot: Interrupt = { calls: "reboot_when_idle", middle: 'has("/run/reboot-asked-for")', dies: "run" };

/** True when some of the virtual functions of a card are there. */
export const someOf = (bus: string) => `number_of("/sys/bus/pci/drivers/nvidia/${bus}:*") >= 4`;

/** The next `up` finds the run that is in the middle of a step, and waits for it. */
async function waitsFor(pid: number, stack: Stack): Promise<RunningUp> {
  const next = await begin(stack);
  await expect
    .poll(next.printed, { timeout: 60_000, interval: 100 })
    .toMatch(new RegExp(`waiting for \\S+ \\(pid ${pid}; `));
  return next;
}

async function killProviders({ ended }: RunningUp, ...providers: number[]): Promise<void> {
  providers.forEach(end);
  const { code, output } = await ended;
  expect(code, output).not.toBe(0);
}

/** Its provider, an orphan now, ends by itself. */
async function killCli(going: RunningUp, stack: Stack): Promise<void> {
  const [family, providers] = [familyOf(going), providersOf(going)];
  expect(providers).not.toEqual([]);
  end(going.cli.pid!);
  await cancel(stack);
  await expect
    .poll(() => providers.filter(lives).length, { timeout: 15_000, interval: 100 })
    .toBeLessThan(providers.length);
  // The language host stays, and where there is a state, so does a second provider, of which the engine asks nothing.
  family.forEach(end);
}

/** Ends both while the host reboots: first the provider, then the CLI of the next `up`, which dials in vain. */
async function killBothWhileAway(going: RunningUp, stack: Stack): Promise<RunningUp> {
  await expect.poll(going.printed, { timeout: 60_000, interval: 100 }).toContain("rebooting: ");
  await killProviders(going, ...providersOf(going));
  const next = await begin(stack);
  await expect.poll(next.printed, { timeout: 60_000, interval: 100 }).toContain("driver creating");
  await killCli(next, stack);
  return begin(stack);
}

/** The provider first, and then the CLI of the next `up`, which waits; or the CLI first, and nobody is left that could be ended. */
async function killBoth(going: RunningUp, lab: LabHost, stack: Stack, providerFirst: boolean): Promise<RunningUp> {
  const provider = await providerAtWork(lab, going);
  if (!providerFirst) {
    await killCli(going, stack);
    expect(lives(provider)).toBe(false);
    return waitsFor(provider, stack);
  }
  await killProviders(going, provider);
  await killCli(await waitsFor(provider, stack), stack);
  return waitsFor(provider, stack);
}

/** A way that is interrupted at every step, by the end of CLI, provider and step, each of which is followed by an `up` that goes on from there. */
export function interruptionScenario(
  title: string,
  { host, before, declared, interrupts, repairs = [] }: InterruptionScenario,
  behind?: (there: There) => void,
): void {
  onLab(title, host, (there) => {
    const { lab, stack } = there;
    let going: RunningUp | undefined;
    /** Waits until the next step to be interrupted is in its middle, and stopped. */
    let stopped: () => Promise<Held>;
    /** The vGPUs that there were at the last interrupt. */
    let made: string[] = [];
    const planned = new Set<string>();
    /** Else all that comes after would wait for what never happens. */
    let isGoingOn = true;
    const [last] = interrupts.flatMap(({ declares = {} }) => Object.values(declares)).slice(-1);

    beforeAll(async () => {
      await before?.(lab());
    });

    const watch = async ({ calls, middle }: Interrupt) => void (stopped = await watchFor(lab(), calls, middle));

    test.each(interrupts.map((one, index) => [one.calls, one, index] as const))(
      "the next up waits for an interrupted %s, and continues after it",
      async (_, interrupt, index) => {
        expect(isGoingOn, "the run that was interrupted before has continued").toBe(true);
        isGoingOn = false;
        const { calls, dies, declares } = interrupt;
        if (declares) {
          if (going) await expectGoodEnd();
          stack().declare(await declared(lab(), declares));
          await watch(interrupt);
          going = await begin(stack());
        }
        const held = await stopped();
        for (const [step] of await recordedSteps(lab())) planned.add(step!);
        made = await vgpusOn(lab());
        going = await killBoth(going!, lab(), stack(), index % 2 === 0);
        const next = interrupts[index + 1];
        const watchNext = async () => void (next && !next.declares && (await watch(next)));
        const goOn = () => endHeld(lab(), held, dies);
        if (calls === reboot.calls) {
          await lab().comeBack(async () => {
            await goOn();
            going = await killBothWhileAway(going!, stack());
          });
          await watchNext();
        } else {
          await watchNext();
          await goOn();
        }
        isGoingOn = true;
      },
    );

    /** Of the last `up`: nothing that was made before it was made again. */
    async function expectGoodEnd(): Promise<void> {
      const { code, output } = await going!.ended;
      expect(code, output).toBe(0);
      expect(await vgpusOn(lab())).toEqual(expect.arrayContaining(made));
    }

    test("the last up succeeds with all that was declared", async () => {
      expect(isGoingOn).toBe(true);
      made = [];
      await expectGoodEnd();
      expect(await typesOn(lab())).toHaveLength(last!);
      await expectNoLocks(lab(), stack());
    });

    test("a preview after the interrupted ups finds no changes", async () => {
      const { code, output } = await stack().preview("--expect-no-changes");
      expect(code, output).toBe(0);
    });

    test("each step of the plans was interrupted once", () => {
      expect([...planned].sort()).toEqual([...new Set([...interrupts.map(({ calls }) => calls), ...repairs])].sort());
    });

    behind?.(there);
  });
}
