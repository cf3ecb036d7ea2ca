import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SriovArguments } from "../../../provider/model/desired/sriov";
import type { SriovGoal } from "../../../provider/plan/goal";
import { planSriov } from "../../../provider/plan/sriov";
import { hostFacts } from "../../../provider/probe";
import { claimBy } from "../claim";
import { changed } from "../driver/changed";

/** One file of cases/; README.md there describes it. */
interface Case {
  title: string;
  capture: string;
  facts?: Record<string, unknown>;
  state?: SriovGoal["state"];
  gpus: unknown;
  /** UUIDs of vGPUs that MdevVgpu b of the stack has. */
  siblings?: string[];
  steps?: Record<string, string>;
  blockers?: Record<string, string>;
  notes?: string[];
}

const here = join(__dirname, "cases");
const asSibling = (uuid: string) => ({ resource: "MdevVgpu b", urn: "URN", uuid });
const read = (file: string) => JSON.parse(readFileSync(join(here, file), "utf8")) as Case;

describe.each(readdirSync(here).filter((file) => file.endsWith(".json")))("%s", (file) => {
  const {
    title,
    capture,
    facts = {},
    state = "enabled",
    gpus,
    siblings = [],
    steps = {},
    blockers = {},
    notes = [],
  } = read(file);
  const host = changed(hostFacts(readFileSync(join(__dirname, "../../captures", `${capture}.txt`), "utf8")), facts);
  const plan = planSriov(host, {
    kind: "sriov",
    key: "vfs",
    claim: claimBy("me"),
    state,
    gpus: SriovArguments.parse({ gpus }).gpus,
    siblings: siblings.map(asSibling),
  });

  test(title, () => {
    expect({
      steps: plan.steps.map(({ id, reason }) => [id, reason]),
      blockers: plan.blockers.map(({ reason, hint }) => [reason, hint]),
      notes: plan.notes.map((note) => note.message),
    }).toEqual({ steps: Object.entries(steps), blockers: Object.entries(blockers), notes });
  });

  test("GPUs are planned one after the other, and all steps are for the goal", () => {
    plan.steps.forEach(({ dependsOn, requestedBy: keys }, i) => {
      expect(dependsOn).toEqual(i ? [plan.steps[i - 1]!.id] : []);
      expect(keys).toEqual(["vfs"]);
    });
  });
});
