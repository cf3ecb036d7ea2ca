import { expect, test } from "vitest";
import { assignmentOf, findVgpu, identityOf, planVgpus } from "../../../provider/plan/vgpu";
import type { Case } from "./case";
import { caseHost, goalsOf } from "./case";

const seen = (one: Omit<Case, "title">) => {
  const [goal] = goalsOf({ title: "", ...one });
  const { assignments, surplus } = assignmentOf(caseHost({ title: "", ...one }), goal!);
  const place = (vgpu: { function: string } | null) => vgpu?.function ?? null;
  return {
    serve: assignments.map(({ desired, vgpu, conflicting, uuid }) => [
      desired.uuid,
      place(vgpu),
      place(conflicting),
      uuid,
    ]),
    surplus: surplus.map(place),
  };
};
const layout = (counts: Record<string, number>, obsolete: string[] = []) => [{ gpu: "0000:41:00.0", counts, obsolete }];
const a40 = (...carries: NonNullable<NonNullable<Case["host"]>[number]["carries"]>) => [
  { card: "A40@0000:41:00.0", carries },
];

test("vGPUs created for a layout are assigned to it under their own UUIDs", () => {
  const host = a40(
    { type: "A40-4Q", on: 2, uuid: "A40-4Q#2", owner: "me" },
    { type: "A40-4Q", on: 1, uuid: "A40-4Q#1", owner: "me" },
  );
  expect(seen({ host, goals: layout({ "A40-4Q": 2 }) })).toEqual({
    serve: [
      ["A40-4Q#1", "0000:41:00.5", null, "A40-4Q#1"],
      ["A40-4Q#2", "0000:41:00.6", null, "A40-4Q#2"],
    ],
    surplus: [],
  });
});

test("an unmanaged vGPU that fits is not assigned before it is adopted", () => {
  const given = { host: a40({ type: "A40-4Q", on: 0, uuid: "u9" }), goals: layout({ "A40-4Q": 1 }) };
  expect(
    planVgpus(caseHost({ title: "", ...given }), goalsOf({ title: "", ...given })).steps.map(
      ({ command }) => command[0],
    ),
  ).toEqual(["adopt_vgpu"]);
  expect(seen(given)).toEqual({ serve: [["A40-4Q#1", null, null, "A40-4Q#1"]], surplus: [] });
});

test("an adopted vGPU is assigned under its own UUID", () => {
  const host = caseHost({
    title: "",
    host: a40({ type: "A40-4Q", on: 0, uuid: "u9", owner: "me" }),
    goals: [],
    facts: { "records/u9/servesAs": "A40-4Q#1" },
  });
  const [goal] = goalsOf({ title: "", goals: layout({ "A40-4Q": 1 }) });
  expect(assignmentOf(host, goal!).assignments).toMatchObject([
    { desired: { uuid: "A40-4Q#1" }, vgpu: { uuid: "u9" }, uuid: "u9" },
  ]);
  expect(findVgpu(host, "A40-4Q#1")).toBe(findVgpu(host, "u9"));
});

test("a vGPU of another type under the UUID is conflicting", () => {
  const goals = [{ gpu: "0000:41:00.0", named: { u1: { type: "A40-8Q" } } }];
  expect(seen({ host: a40({ type: "A40-4Q", on: 0, uuid: "u1", owner: "me" }), goals }).serve).toEqual([
    ["u1", null, "0000:41:00.4", "u1"],
  ]);
});

test("vGPUs above the count are surplus, in use or not", () => {
  const host = a40(
    { type: "A40-4Q", on: 0, uuid: "A40-4Q#1", owner: "me" },
    { type: "A40-4Q", on: 1, uuid: "A40-4Q#2", owner: "me", users: ["web running"] },
  );
  expect(seen({ host, goals: layout({ "A40-4Q": 1 }, ["A40-4Q#2 0000:41:00.5 560"]) }).surplus).toEqual([
    "0000:41:00.4",
  ]);
});

test("in the vendor framework the UUID comes from the record, if the type is the recorded one", () => {
  const one = {
    title: "",
    host: [{ card: "L40S@0000:c8:00.0", carries: [{ type: "L40S-4Q", on: 0, uuid: "u1", owner: "me" }] }],
    goals: [],
  };
  const facts = caseHost(one);
  expect(identityOf(facts, facts.vgpus[0]!)).toBe("u1");
  expect(findVgpu(facts, "u1")?.function).toBe("0000:c8:00.4");
  expect(findVgpu(caseHost({ ...one, facts: { "records/u1/typeId": 1152 } }), "u1")).toBeNull();
});
