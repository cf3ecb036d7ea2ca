import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DriverArguments } from "../../../provider/model/desired/driver";
import { MigArguments } from "../../../provider/model/desired/mig";
import { SriovArguments } from "../../../provider/model/desired/sriov";
import { LayoutArguments } from "../../../provider/model/desired/vgpu";
import { planHost } from "../../../provider/plan/ahead/plan-host";
import { hostGoals } from "../../../provider/preview/desired-host";
import { ownershipFromRecords } from "../../../provider/preview/ownership";
import { hostFacts } from "../../../provider/probe";
import { changed } from "../driver/changed";

interface Case {
  title: string;
  capture: string;
  facts?: Record<string, unknown>;
  driver?: object;
  mig?: object;
  gpus?: unknown;
  layouts?: Record<string, object>;
  steps?: string[];
  blockers?: Record<string, string>;
  notes?: string[];
}

const here = join(__dirname, "cases");
const files = readdirSync(here).filter((file) => file.endsWith(".json"));

describe.each(files)("%s", (file) => {
  const {
    title,
    capture,
    facts: changes = {},
    driver,
    mig,
    gpus,
    layouts = {},
    steps = [],
    blockers = {},
    notes = [],
  } = JSON.parse(readFileSync(join(here, file), "utf8")) as Case;

  test(title, () => {
    const facts = changed(
      hostFacts(readFileSync(join(__dirname, "../../captures", `${capture}.txt`), "utf8")),
      changes,
    );
    const wanted = {
      host: "gpu01",
      connection: { host: "gpu01.example" },
      driver: driver && DriverArguments.parse(driver),
      mig: mig && MigArguments.parse(mig),
      sriov: gpus === undefined ? undefined : SriovArguments.parse({ gpus }),
      layouts: Object.fromEntries(Object.entries(layouts).map(([card, one]) => [card, LayoutArguments.parse(one)])),
    };
    const plan = planHost(facts, hostGoals(wanted, facts, ownershipFromRecords(facts)));
    expect({
      steps: plan.steps.map(({ title }) => title.replace(/ [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, "")),
      blockers: Object.fromEntries(plan.blockers.map(({ reason, hint }) => [reason, hint])),
      notes: plan.notes.map((note) => note.message),
    }).toEqual({ steps, blockers, notes });
  });
});
