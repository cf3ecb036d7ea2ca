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

test("the first life of a URN has the same id in each run, each other URN another one, and each later life another one", () => {
  const ids = [newInstance("a", true), newInstance("b", true), newInstance("a", false), newInstance("a", false)];
  expect(newInstance("a", true)).toBe(ids[0]);
  expect(new Set(ids).size).toBe(4);
});

test("a resource that the state does not have begins with its first life", async () => {
  expect(await created()).toBe(instance);
});

test("one that the state has is replaced by a later life", async () => {
  expect(await created(await inputs())).toBe(laterInstance);
});

test("where another resource had the name, before it got a new one, a later life begins", async () => {
  const renamed = {
    ...(await inputs()),
    __urn: urnOf("MdevVgpu", "cad2"),
    instance: firstInstance(urnOf("MdevVgpu", "cad")),
  };
  await on.vgpu.diff("x", renamed, renamed);
  expect(await created()).toBe(laterInstance);
});

test("after a delete the first life begins again", async () => {
  const last = { ...(await inputs()), owner, instance: firstInstance(urnOf("MdevVgpu", "cad")) };
  await on.vgpu.diff("x", last, last);
  await on.vgpu.delete("x", last);
  expect(await created()).toBe(instance);
});
