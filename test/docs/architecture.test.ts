import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { filesIn, root } from "../../scripts/setup/places.mjs";
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

/** The files of provider/ that each of its files imports, types included. */
const imports = new Map(
  filesIn("provider")
    .filter((file) => file.endsWith(".ts"))
    .map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(root, "provider", file), "utf8"));
      const paths = importedFiles.filter(({ fileName }) => fileName.startsWith("."));
      return [file, paths.map(({ fileName }) => sourceFile(join(dirname(file), fileName)))];
    }),
);

function sourceFile(path: string): string {
  return existsSync(join(root, "provider", `${path}.ts`)) ? `${path}.ts` : join(path, "index.ts");
}

/** Returns a path of imports that ends where it began, or undefined. */
function cycleIn(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const search = (node: string, path: string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of graph.get(node) ?? []) {
      const cycle = search(next, [...path, node]);
      if (cycle) return cycle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const cycle = search(node, []);
    if (cycle) return cycle;
  }
  return undefined;
}

test("no files of provider/ import each other in a circle", () => {
  expect(imports.size).toBeGreaterThan(100);
  expect(cycleIn(imports)).toBeUndefined();
});

test("no rooms of provider/ import each other in a circle", () => {
  const roomOf = (file: string) => file.split("/")[0]!;
  const rooms = new Map<string, string[]>();
  for (const [file, targets] of imports) {
    const others = targets.map(roomOf).filter((room) => room !== roomOf(file) && room !== "");
    rooms.set(roomOf(file), [...(rooms.get(roomOf(file)) ?? []), ...others]);
  }
  expect(cycleIn(rooms)).toBeUndefined();
  expect(rooms.get("plan")!.filter((room) => room !== "model")).toEqual([]);
  expect(rooms.get("probe")!.filter((room) => room !== "model")).toEqual([]);
  expect(rooms.get("model")).toEqual([]);
});

test("the search for circles finds one", () => {
  const graph = new Map([
    ["a", ["b"]],
    ["b", ["c"]],
    ["c", ["b"]],
  ]);
  expect(cycleIn(graph)).toEqual(["b", "c", "b"]);
});
