import { expect, test } from "vitest";
import { planVgpus } from "../../../provider/plan/vgpu";
import type { Case } from "./case";
import { caseHost, goalsOf } from "./case";

const one: Case = {
  title: "",
  host: [
    { card: "A40@0000:41:00.0", carries: [0, 1].map((on) => ({ type: "A40-24Q", on, uuid: `u${on}`, owner: "me" })) },
  ],
  goals: [{ gpu: "0000:41:00.0", counts: { "A40-24Q": 2 } }],
};
const host = caseHost(one);
const [goal] = goalsOf(one);
const claim = { ...goal!.claim, owner: "me", instance: "another life", resource: "VgpuLayout right" };

const blockers = (resource: string, owner = "me") => {
  const records = (host.records as { uuid: string }[]).map((record) => ({
    ...record,
    owner,
    instance: "a life",
    resource,
  }));
  return planVgpus({ ...host, records } as typeof host, [{ ...goal!, claim }]).blockers;
};

test("a GPU full of vGPUs of a renamed resource: the error names it, and the alias with which nothing changes", () => {
  const { reason, hint } = blockers("VgpuLayout left")[0]!;
  expect(reason).toMatch(/fits 2 A40-24Q: 2 taken, 2 more declared; 2 created by VgpuLayout left of this stack$/);
  expect(hint).toContain(
    'If VgpuLayout right is that one under another name, give it the option aliases: [{name: "left"}]',
  );
});

test("vGPUs of another stack or of another kind of resource are not taken for renamed", () => {
  for (const [blocker] of [blockers("VgpuLayout left", "other"), blockers("MdevVgpu left")])
    expect(blocker!.hint).not.toContain("aliases");
});
