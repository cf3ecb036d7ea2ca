import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SriovArguments } from "../../../provider/model/desired/sriov";
import { hostFacts } from "../../../provider/probe";
import type { SriovDesire } from "../../../provider/plan/desire";
import { planSriov } from "../../../provider/plan/sriov";
import { changed } from "../driver/changed";
import { claimBy } from "../claim";

/** One file of cases/; README.md there says what is in it. */
interface Case {
  says: string;
  capture: string;
  facts?: Record<string, unknown>;
  state?: SriovDesire["state"];
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
  const { says, capture, facts = {}, state = "enabled", gpus, siblings = [], steps = {}, blockers = {}, notes = [] } = read(file);
  const host = changed(hostFacts(readFileSync(join(__dirname, "../../captures", `${capture}.txt`), "utf8")), facts);
  const plan = planSriov(host, { kind: "sriov", key: "vfs", claim: claimBy("me"), state, gpus: SriovArguments.parse({ gpus }).gpus, siblings: siblings.map(asSibling) });

  test(says, () => {
    expect({
      steps: plan.steps.map(({ id, because }) => [id, because]),
      blockers: plan.blockers.map(({ seen, next }) => [seen, next]),
      notes: plan.notes.map((note) => note.says),
    }).toEqual({ steps: Object.entries(steps), blockers: Object.entries(blockers), notes });
  });

  test("one GPU after the other, and all for who wants it", () => {
    plan.steps.forEach(({ after, for: keys }, i) => {
      expect(after).toEqual(i ? [plan.steps[i - 1]!.id] : []);
      expect(keys).toEqual(["vfs"]);
    });
  });
});
