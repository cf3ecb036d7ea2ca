import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonSchema } from "../../scripts/json-schema";

interface Schema {
  description?: string;
  properties?: Record<string, Schema>;
  [keyword: string]: unknown;
}

const made = jsonSchema() as Schema;

test("the published schema is the one that the code has", () => {
  const published = readFileSync(join(__dirname, "../../fleet.schema.json"), "utf8");
  const hint = "fleet.schema.json is out of date: write it anew by npx tsx scripts/fleet-schema.ts";
  expect(published, hint).toBe(`${JSON.stringify(made, null, 2)}\n`);
});

test("it is of the draft that YAML servers understand, and has a title", () => {
  const { $schema, title } = made;
  expect([$schema, title]).toEqual(["http://json-schema.org/draft-07/schema#", "Fleet of vGPU hosts"]);
});

test("an editor has something to say of each property", () => {
  const silent = within(made, "").filter(([, { description }]) => !description);
  expect(within(made, "").length).toBeGreaterThan(50);
  expect(silent.map(([path]) => path)).toEqual([]);
});

function within(part: unknown, path: string): [path: string, property: Schema][] {
  if (typeof part !== "object" || part === null) return [];
  const own = Object.entries((part as Schema).properties ?? {}).map(([name, property]): [string, Schema] => [
    `${path}/${name}`,
    property,
  ]);
  return [...own, ...Object.entries(part).flatMap(([key, value]) => within(value, `${path}/${key}`))];
}
