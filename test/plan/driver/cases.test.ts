import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { DriverArguments, pathOf } from "../../../provider/model/desired/driver";
import { planDriver } from "../../../provider/plan/driver";
import type { DriverGoal } from "../../../provider/plan/goal";
import { unblockedSteps } from "../../../provider/plan/plan";
import { hostFacts } from "../../../provider/probe";
import { claimBy } from "../claim";
import { changed } from "./changed";

/** One file of cases/; README.md there describes the format. */
interface Case {
  title: string;
  capture: string;
  facts?: Record<string, unknown>;
  state?: DriverGoal["state"];
  arguments: unknown;
  packageBytes?: number;
  steps?: Record<string, string>;
  rollback?: string[];
  blockers?: Record<string, string>;
  notes?: string[];
}

const here = join(__dirname, "cases");
const read = (file: string) => JSON.parse(readFileSync(join(here, file), "utf8")) as Case;

function goalOf({ arguments: given, state = "installed", packageBytes }: Case): DriverGoal {
  const args = DriverArguments.parse(given);
  const at = args.package && pathOf(args.package);
  const packageOnHost = typeof args.package === "string" ? `/var/lib/nvidia-vgpu/${basename(args.package)}` : at;
  return {
    key: "driver",
    claim: claimBy("me"),
    kind: "driver",
    state,
    arguments: args,
    ...(packageOnHost && { packageOnHost }),
    ...(packageBytes && { packageBytes }),
  };
}

describe.each(readdirSync(here).filter((file) => file.endsWith(".json")))("%s", (file) => {
  const { title, capture, facts = {}, ...one } = read(file);
  const host = changed(hostFacts(readFileSync(join(__dirname, "../../captures", `${capture}.txt`), "utf8")), facts);
  const plan = planDriver(host, goalOf({ title, capture, ...one }));

  test(title, () => {
    const steps = unblockedSteps(plan);
    expect({
      steps: steps.map(({ id, reason }) => [id, reason]),
      rollback: steps.flatMap(({ rollback = [] }) => rollback.map(({ id }) => id)),
      blockers: plan.blockers.map(({ reason, hint }) => [reason, hint]),
      notes: plan.notes.map((note) => note.message),
    }).toEqual({
      steps: Object.entries(one.steps ?? {}),
      rollback: one.rollback ?? [],
      blockers: Object.entries(one.blockers ?? {}),
      notes: one.notes ?? [],
    });
  });
});
