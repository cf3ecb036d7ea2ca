import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { unblocked } from "../../../provider/plan";
import { planCards } from "../../../provider/plan/vgpu";
import { caseHost, desiresOf, inShort, type Case } from "./case";

const here = join(__dirname, "cases");
const read = (file: string) => JSON.parse(readFileSync(join(here, file), "utf8")) as Case;

describe.each(readdirSync(here).filter((file) => file.endsWith(".json")))("%s", (file) => {
  const one = read(file);
  const desires = desiresOf(one);
  const plan = planCards(caseHost(one), desires);

  test(one.says, () => {
    expect({
      steps: plan.steps.map(({ run, because }) => [inShort(run), because]),
      blockers: plan.blockers.map(({ seen, next }) => [seen, next]),
      notes: plan.notes.map((note) => note.says),
    }).toEqual({ steps: Object.entries(one.steps ?? {}), blockers: Object.entries(one.blockers ?? {}), notes: one.notes ?? [] });
  });

  test("steps that make, remove or adopt a vGPU say of which type it is, and on which GPU", () => {
    const addresses = caseHost(one).gpus.map(({ address }) => address);
    for (const { run, does, vgpu } of plan.steps) {
      if (["forget_vgpu", "set_parameters"].includes(run[0]!)) continue;
      expect(does).toContain(` ${vgpu!.type} `);
      expect(addresses).toContain(vgpu!.gpu);
    }
  });

  test("steps come behind those that they need, and only for who is not blocked", () => {
    expect(unblocked(plan)).toEqual(plan.steps);
    plan.steps.forEach(({ after }, i) => {
      const before = plan.steps.slice(0, i).map(({ id }) => id);
      expect(after.filter((id) => !before.includes(id))).toEqual([]);
    });
  });
});
