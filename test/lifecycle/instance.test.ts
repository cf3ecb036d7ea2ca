import { beforeEach, expect, test } from "vitest";
import { firstInstance, newInstance } from "../../provider/lifecycle/instance";
import type { State } from "../../provider/lifecycle/state";
import type { VgpuGoal } from "../../provider/plan";
import type { Stage } from "./fake-host";
import { checked, factsOf, instance, laterInstance, owner, stage, urnOf } from "./fake-host";

const uuid = "00000043-1111-4222-8333-000000000043";
const given = { gpu: "41:00.0", type: "A40-4A", uuid };

let on: Stage;

beforeEach(() => void (on = stage(factsOf("debian-12-a40-mdev"))));

const inputs = () => checked(on.vgpu, "MdevVgpu", "cad", given);

/** The instance of a new resource. */
async function created(before: State = {}): Promise<string> {
  await on.vgpu.create(await checked(on.vgpu, "MdevVgpu", "cad", given, before)).catch(() => {});
  return (on.host.asked.at(-1)!.goal as VgpuGoal).claim.instance;
}

test("the first instance of a URN has the same id in each run, and any other instance or URN another one", () => {
  const ids = [newInstance("a", true), newInstance("b", true), newInstance("a", false), newInstance("a", false)];
  expect(newInstance("a", true)).toBe(ids[0]);
  expect(new Set(ids).size).toBe(4);
});

test("a resource without a state gets the first instance", async () => {
  expect(await created()).toBe(instance);
});

test("a replacement of a resource with a state gets a later instance", async () => {
  expect(await created(await inputs())).toBe(laterInstance);
});

test("a resource with the former name of another one gets a later instance", async () => {
  const renamed = {
    ...(await inputs()),
    __urn: urnOf("MdevVgpu", "cad2"),
    instance: firstInstance(urnOf("MdevVgpu", "cad")),
  };
  await on.vgpu.diff("x", renamed, renamed);
  expect(await created()).toBe(laterInstance);
});

test("after a delete a resource gets the first instance again", async () => {
  const last = { ...(await inputs()), owner, instance: firstInstance(urnOf("MdevVgpu", "cad")) };
  await on.vgpu.diff("x", last, last);
  await on.vgpu.delete("x", last);
  expect(await created()).toBe(instance);
});
