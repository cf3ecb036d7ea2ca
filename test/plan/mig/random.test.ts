import { describe, expect, test } from "vitest";
import type { Goal, VgpuGoal } from "../../../provider/plan";
import { plan } from "../../../provider/plan";
import { assignmentOf } from "../../../provider/plan/vgpu";
import { Random } from "../random";
import { withSeeds } from "../with-seeds";
import type { MigHost } from "./mig-host";
import { baseGoals, guest, randomHost, randomLayout } from "./random-host";
import { hasRoom } from "./room";

/**
 * Carries the plan of one resource out, as `up` does. Returns why it is blocked; null if it is not.
 *
 * @param cut after how many steps it is interrupted, and another `up` continues
 */
function apply(host: MigHost, goal: Goal, cut?: number): string | null {
  const { steps, blockers } = plan(host.facts(), [goal]);
  if (blockers.length) {
    expect(steps).toEqual([]);
    return blockers[0]!.reason;
  }
  for (const { command } of steps.slice(0, cut)) host.run(command);
  if (cut !== undefined) return apply(host, goal);
  const again = plan(host.facts(), [goal]);
  expect([again.steps.map(({ title }) => title), again.blockers]).toEqual([[], []]);
  return null;
}

const stateOf = ({ instances, vgpus, records }: MigHost) => structuredClone([instances, vgpus, [...records]]);

/** One `up` of a layout, or two, of which the first is interrupted. Returns whether it was done. */
function up(host: MigHost, layout: VgpuGoal, cut?: number): boolean {
  const isForeign = (uuid: string) => host.records.has(uuid) && host.records.get(uuid)?.owner !== "me";
  const inUse = host.vgpus.filter(({ users, uuid }) => users.length || isForeign(uuid));
  const before = stateOf(host);
  const isPossible = hasRoom(host, layout);
  const refusal = apply(host, layout, cut);
  expect(inUse.filter((vgpu) => !host.vgpus.includes(vgpu))).toEqual([]);
  if (refusal === null) {
    expect(assignmentOf(host.facts(), layout).assignments.filter(({ vgpu }) => !vgpu)).toEqual([]);
    return true;
  }
  expect(stateOf(host)).toEqual(before);
  // Of vGPUs that share instances the driver decides how many they fill, where more are there, and does not show it everywhere.
  const isExact = !host.isShared || (host.showsInstances && !Object.keys(layout.gpuInstances!).length);
  if (/has no room/.test(refusal) && isExact) expect(isPossible).toBe(false);
  else expect(refusal).toMatch(/has no room|is used by the guest web .*so it cannot be removed/);
  return false;
}

describe.each([
  ["A100", 150],
  ["A30", 150],
  ["H100", 40],
  ["H200", 40],
  ["RTX PRO 6000", 150],
] as const)("an %s in any state, and any layouts", (card, count) => {
  test("one up is enough, also after one that was interrupted, touches nothing in use, and is refused as a whole only where no division of the card has room", async () => {
    let [done, refused] = [0, 0];
    await withSeeds(count, (seed) => {
      const random = new Random(seed);
      const host = randomHost(random, card);
      const inUse = host.vgpus.filter(({ users }) => users.length);
      const isReady = baseGoals.every((goal) => apply(host, goal) === null);
      expect(inUse.filter((vgpu) => !host.vgpus.includes(vgpu))).toEqual([]);
      for (let round = 0; isReady && round < 3; round++) {
        if (up(host, randomLayout(random, host), random.chance(40) ? random.below(12) : undefined)) done++;
        else refused++;
        for (const vgpu of host.vgpus) if (random.chance(15)) vgpu.users = vgpu.users.length ? [] : [guest];
      }
    });
    expect([done > 0.4 * count, refused > count / 8]).toEqual([true, true]);
  });
});
