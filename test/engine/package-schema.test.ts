import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Stack } from "./stack";

const root = join(__dirname, "..", "..");

interface Schema {
  resources: object;
  types: object;
}

test("pulumi package get-schema accepts the plugin, and prints the committed schema", async () => {
  const stack = new Stack();
  const { code, output } = await stack.run(
    "package",
    "get-schema",
    join(root, "plugin", "pulumi-resource-nvidia-vgpu"),
  );
  stack.remove();
  expect(code, output).toBe(0);
  const names = ({ resources, types }: Schema) => [Object.keys(resources).sort(), Object.keys(types).sort()];
  const committed = readFileSync(join(root, "provider", "native", "schema.json"), "utf8");
  expect(names(JSON.parse(output) as Schema)).toEqual(names(JSON.parse(committed) as Schema));
});
