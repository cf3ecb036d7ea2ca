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

test("the published schema matches the code", () => {
  const published = readFileSync(join(__dirname, "../../fleet.schema.json"), "utf8");
  const hint = "fleet.schema.json is out of date: write it with npx tsx scripts/fleet-schema.ts";
  expect(published, hint).toBe(`${JSON.stringify(made, null, 2)}\n`);
});

test("the schema has a title, and the draft that YAML language servers understand", () => {
  const { $schema, title } = made;
  expect([$schema, title]).toEqual(["http://json-schema.org/draft-07/schema#", "Fleet of vGPU hosts"]);
});

test("each property has a description", () => {
  const undescribed = within(made, "").filter(([, { description }]) => !description);
  expect(within(made, "").length).toBeGreaterThan(50);
  expect(undescribed.map(([path]) => path)).toEqual([]);
});

function within(part: unknown, path: string): [path: string, property: Schema][] {
  if (typeof part !== "object" || part === null) return [];
  const own = Object.entries((part as Schema).properties ?? {}).map(([name, property]): [string, Schema] => [
    `${path}/${name}`,
    property,
  ]);
  return [...own, ...Object.entries(part).flatMap(([key, value]) => within(value, `${path}/${key}`))];
}
