import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { unblockedSteps } from "../../../provider/plan";
import { planVgpus } from "../../../provider/plan/vgpu";
import type { Case } from "./case";
import { caseHost, goalsOf, inShort } from "./case";

const here = join(__dirname, "cases");
const read = (file: string) => JSON.parse(readFileSync(join(here, file), "utf8")) as Case;

describe.each(readdirSync(here).filter((file) => file.endsWith(".json")))("%s", (file) => {
  const one = read(file);
  const goals = goalsOf(one);
  const plan = planVgpus(caseHost(one), goals);

  test(one.title, () => {
    expect({
      steps: plan.steps.map(({ command, reason }) => [inShort(command), reason]),
      blockers: plan.blockers.map(({ reason, hint }) => [reason, hint]),
      notes: plan.notes.map((note) => note.message),
    }).toEqual({
      steps: Object.entries(one.steps ?? {}),
      blockers: Object.entries(one.blockers ?? {}),
      notes: one.notes ?? [],
    });
  });

  test("steps that create, remove or adopt a vGPU name its type and its GPU", () => {
    const addresses = caseHost(one).gpus.map(({ address }) => address);
    for (const { command, title, vgpu } of plan.steps) {
      if (["forget_vgpu", "set_parameters", "set_mixed_sizes"].includes(command[0]!)) continue;
      expect(title).toContain(` ${vgpu!.type} `);
      expect(addresses).toContain(vgpu!.gpu);
    }
  });

  test("steps follow those that they depend on, and are only for goals without blockers", () => {
    expect(unblockedSteps(plan)).toEqual(plan.steps);
    plan.steps.forEach(({ dependsOn }, i) => {
      const before = plan.steps.slice(0, i).map(({ id }) => id);
      expect(dependsOn.filter((id) => !before.includes(id))).toEqual([]);
    });
  });
});
