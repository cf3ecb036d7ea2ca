import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../scripts/setup/places.mjs";
import { rowsByName, tablesIn, textOf } from "./markdown";

const foldersOf = (path: string) =>
  readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

test("ARCHITECTURE.md describes each folder of provider/, and no other", () => {
  const rooms = tablesIn(textOf("ARCHITECTURE.md")).find(({ heading }) => heading === "The rooms")!;
  expect([...rowsByName(rooms).keys()].sort()).toEqual(foldersOf("provider"));
});

test("test/README.md names each folder of test/", () => {
  const text = textOf("test/README.md");
  for (const folder of foldersOf("test")) expect(text).toMatch(new RegExp(`[\`/(]${folder}\\b`));
});
