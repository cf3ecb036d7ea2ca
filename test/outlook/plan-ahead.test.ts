import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DriverArguments } from "../../provider/model/desired/driver";
import { SriovArguments } from "../../provider/model/desired/sriov";
import { LayoutArguments } from "../../provider/model/desired/vgpu";
import { planAhead } from "../../provider/outlook/plan-ahead";
import { desiresOf } from "../../provider/outlook/wanted-host";
import { whoseOn } from "../../provider/outlook/whose";
import { hostFacts } from "../../provider/probe";
import { changed } from "../plan/driver/changed";

interface Case {
  says: string;
  capture: string;
  facts?: Record<string, unknown>;
  driver?: object;
  gpus?: unknown;
  layouts?: Record<string, object>;
  steps?: string[];
  blockers?: Record<string, string>;
  notes?: string[];
}

const here = join(__dirname, "cases");
const files = readdirSync(here).filter((file) => file.endsWith(".json"));

describe.each(files)("%s", (file) => {
  const { says, capture, facts: changes = {}, driver, gpus, layouts = {}, steps = [], blockers = {}, notes = [] } = JSON.parse(
    readFileSync(join(here, file), "utf8"),
  ) as Case;

  test(says, () => {
    const facts = changed(hostFacts(readFileSync(join(__dirname, "../captures", `${capture}.txt`), "utf8")), changes);
    const wanted = {
      host: "gpu01",
      connection: { host: "gpu01.example" },
      driver: driver && DriverArguments.parse(driver),
      sriov: gpus === undefined ? undefined : SriovArguments.parse({ gpus }),
      layouts: Object.fromEntries(Object.entries(layouts).map(([card, one]) => [card, LayoutArguments.parse(one)])),
    };
    const plan = planAhead(facts, desiresOf(wanted, facts, whoseOn(facts)));
    expect({
      steps: plan.steps.map(({ does }) => does.replace(/ [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, "")),
      blockers: Object.fromEntries(plan.blockers.map(({ seen, next }) => [seen, next])),
      notes: plan.notes.map((note) => note.says),
    }).toEqual({ steps, blockers, notes });
  });
});
