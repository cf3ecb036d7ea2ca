import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import type { Fleet } from "../../provider/fleet";
import { FleetFileError, parseFleet } from "../../provider/fleet";
import { expand } from "../../provider/fleet/ranges";

/** One file of cases/; README.md there describes it. */
interface Case {
  title: string;
  fleet: string;
  issues?: string[];
  names?: string;
  hosts?: Record<string, object>;
  rollout?: object;
  editor?: "passes" | "refuses";
}

const here = join(__dirname, "cases");
const read = (file: string) => parse(readFileSync(join(here, file), "utf8")) as Case;
const schemaFile = readFileSync(join(__dirname, "../../fleet.schema.json"), "utf8");
const published = z.fromJSONSchema(JSON.parse(schemaFile) as z.core.JSONSchema.JSONSchema);

function replay(text: string): { fleet?: Fleet; issues: string[] } {
  try {
    return { fleet: parseFleet(text, "fleet.yaml"), issues: [] };
  } catch (error) {
    if (!(error instanceof FleetFileError)) throw error;
    return { issues: error.issues };
  }
}

function dataIn(text: string): unknown {
  try {
    return parse(text, { logLevel: "error", merge: true });
  } catch {
    return undefined;
  }
}

describe.each(readdirSync(here).filter((file) => file.endsWith(".yaml")))("%s", (file) => {
  const {
    title,
    issues = [],
    names,
    hosts = {},
    rollout,
    editor = issues.length > 0 ? "refuses" : "passes",
    fleet: text,
  } = read(file);
  const replayed = replay(text);

  test(title, () => {
    expect(replayed.issues).toEqual(issues);
    const found = replayed.fleet?.hosts ?? [];
    if (names) expect(found.map(({ name }) => name)).toEqual(names.split(" ").flatMap(expand));
    for (const [name, settings] of Object.entries(hosts))
      expect(found.find((host) => host.name === name)).toEqual({ name, ...settings });
    if (rollout) expect(replayed.fleet?.rollout).toEqual(rollout);
  });

  test(`an editor with the JSON Schema ${editor} it`, () => {
    expect(published.safeParse(dataIn(text)).success).toBe(editor === "passes");
  });
});
