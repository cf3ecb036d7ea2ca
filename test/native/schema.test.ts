import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as dynamic from "../../provider/dynamic";
import { kinds } from "../../provider/lifecycle/kinds";
import { pluginSchema } from "../../scripts/plugin-schema/plugin-schema";

interface Properties {
  [name: string]: { description?: string; secret?: boolean; $ref?: string };
}
interface Schema {
  types: Record<string, { properties?: Properties }>;
  resources: Record<string, { inputProperties: Properties; properties: Properties; aliases: object[] }>;
}

const committed = readFileSync(join(__dirname, "../../provider/native/schema.json"), "utf8");
const schema = JSON.parse(committed) as Schema;

test("the committed package schema is the one of the code: npx tsx scripts/plugin-schema.ts writes it", () => {
  expect(committed).toBe(`${JSON.stringify(pluginSchema(), null, 2)}\n`);
});

test("both providers have the same kinds of resources", () => {
  expect(kinds.map(({ name }) => name).sort()).toEqual(Object.keys(dynamic).sort());
  expect(Object.keys(schema.resources)).toEqual(
    expect.arrayContaining(kinds.map(({ name }) => `nvidia-vgpu:index:${name}`)),
  );
});

test.each(kinds.map((kind) => [kind.name, kind] as const))(
  "%s has each argument and output, and takes over dynamic states",
  (name, kind) => {
    const resource = schema.resources[`nvidia-vgpu:index:${name}`]!;
    const inputs = Object.keys(resource.inputProperties);
    expect(inputs.sort()).toEqual([...Object.keys(kind.schema.shape), "connection", "on", "maintenance"].sort());
    const outputs = Object.keys(resource.properties);
    expect(outputs).toEqual(expect.arrayContaining(Object.keys(kind.outputs.shape)));
    expect(outputs).toEqual(
      expect.arrayContaining(["appliedAt", "pending", "host", ...Object.keys(kind.schema.shape)]),
    );
    expect(resource.aliases).toEqual([{ type: `pulumi-nodejs:dynamic/nvidia-vgpu:${name}` }]);
  },
);

test("each secret of a connection is marked", () => {
  const { properties } = schema.types["nvidia-vgpu:index:Connection"]!;
  const marked = Object.entries(properties!).filter(([, { secret }]) => secret);
  expect(marked.map(([name]) => name).sort()).toEqual(["password", "privateKey", "privateKeyPassword"]);
});

test("no type contains itself, because the YAML host compares such types without an end", () => {
  const containedIn = (token: string): string[] =>
    [...JSON.stringify(schema.types[token]).matchAll(/"#\/types\/([^"]+)"/g)].map(([, found]) => found!);
  const visit = (token: string, path: string[]): void => {
    expect(path).not.toContain(token);
    for (const next of containedIn(token)) visit(next, [...path, token]);
  };
  for (const token of Object.keys(schema.types)) visit(token, []);
});
