import { expect, test } from "vitest";
import { merge, originOf, toLayered, toPlain } from "../../provider/fleet/merge";

const merged = (...layers: object[]) => toPlain(layers.map((layer, i) => toLayered(layer, [i])).reduce(merge));

// Settings of a layer, each with one of two values or missing: 3^7 layers.
const choices: [path: string[], values: unknown[]][] = [
  [
    ["connection", "user"],
    ["ops", "root"],
  ],
  [
    ["connection", "password"],
    [{ env: "A" }, { file: "b" }],
  ],
  [
    ["connection", "proxy", "port"],
    [1, 2],
  ],
  [["driver"], [{ version: "550.163.02" }, { package: "x.run", sha256: "ab" }]],
  [
    ["gpus", "a", "gpu"],
    [{ model: "A40" }, { address: "41:00.0" }],
  ],
  [
    ["gpus", "a", "vgpus"],
    [{ "A40-4Q": 1 }, { "A40-8Q": 2 }],
  ],
  [
    ["gpus", "b", "named"],
    [{ x: { type: "A40-4Q" } }, { y: { type: "A40-8Q" } }],
  ],
];

interface Tree {
  [key: string]: Tree | unknown;
}

function layer(seed: number): Tree {
  const made: Tree = {};
  choices.forEach(([path, values], i) => {
    const choice = Math.floor(seed / 3 ** i) % 3;
    if (choice === 2) return;
    const around = path.slice(0, -1).reduce<Tree>((tree, key) => (tree[key] ??= {}) as Tree, made);
    around[path.at(-1)!] = values[choice];
  });
  return made;
}

// Multiples of numbers without a common divisor, so that all choices meet.
const triples = Array.from({ length: 2000 }, (_, i) => [layer(i * 7), layer(i * 11 + 5), layer(i * 13 + 2)] as const);

test("merging is associative, and the last layer wins", () => {
  for (const [a, b, c] of triples) expect(merged(merged(a, b) as object, c)).toEqual(merged(a, merged(b, c) as object));
});

test("an empty layer changes nothing, and merging is idempotent", () => {
  for (const [a] of triples) {
    expect(merged(a, {})).toEqual(merged(a));
    expect(merged({}, a)).toEqual(merged(a));
    expect(merged(a, a)).toEqual(merged(a));
  }
});

test("originOf names the layer from which a value comes", () => {
  for (const layers of triples) {
    const tree = layers.map((one, i) => toLayered(one, [i])).reduce(merge);
    for (const [path] of choices) {
      const at = (value: unknown) => path.reduce<unknown>((part, key) => (part as Tree | undefined)?.[key], value);
      if (at(toPlain(tree)) === undefined) continue;
      const [layerOfIt, ...pathOfIt] = originOf(tree, path);
      expect(pathOfIt).toEqual(path);
      expect(at(layers[layerOfIt as number])).toBe(at(toPlain(tree)));
    }
  }
});

test("a missing value belongs in the last layer that has the map around it", () => {
  const tree = [{ gpus: { a: { vgpus: {} } } }, { gpus: { a: { named: {} } } }]
    .map((one, i) => toLayered(one, [i]))
    .reduce(merge);
  expect(originOf(tree, ["gpus", "a", "gpu"])).toEqual([1, "gpus", "a", "gpu"]);
});

test("null removes a GPU, and a later layer can add it again without its old settings", () => {
  const a = { gpus: { a: { gpu: { model: "A40" } } } };
  expect(merged(a, { gpus: { a: null } })).toEqual({ gpus: {} });
  expect(merged(a, { gpus: { a: null } }, { gpus: { a: { vgpus: {} } } })).toEqual({ gpus: { a: { vgpus: {} } } });
});
