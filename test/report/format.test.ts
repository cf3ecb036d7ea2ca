import { expect, test } from "vitest";
import { expand } from "../../provider/fleet/ranges";
import { byName, foldNames } from "../../provider/report/format";
import { inRack, range } from "./fixtures";

test.each<[string, string[], string[]]>([
  [
    "a range with a hole",
    range(1, 40)
      .filter((number) => number !== 17)
      .map(inRack),
    ["gpu[01-16,18-40].rack2.example"],
  ],
  ["names in any order", ["gpu3", "gpu1", "gpu2"], ["gpu[1-3]"]],
  ["two numbers with a gap", ["gpu1", "gpu3"], ["gpu[1,3]"]],
  ["one host", ["gpu07.rack2.example"], ["gpu07.rack2.example"]],
  ["no names", [], []],
  ["names without numbers", ["beta", "alpha"], ["alpha", "beta"]],
  [
    "racks of unequal size",
    ["gpu1.rack1", "gpu2.rack1", "gpu3.rack1", "gpu1.rack2", "gpu2.rack2"],
    ["gpu[1-2].rack2", "gpu[1-3].rack1"],
  ],
  [
    "names with two numbers: the one that varies most is folded",
    ["gpu1.rack1", "gpu1.rack2", "gpu1.rack3", "gpu2.rack1"],
    ["gpu1.rack[1-3]", "gpu2.rack1"],
  ],
  ["IP addresses", ["10.0.0.9", "10.0.0.10", "10.0.0.11"], ["10.0.0.[9-11]"]],
  ["numbers that grow by a digit", ["gpu9", "gpu10", "gpu99", "gpu100"], ["gpu[9-10,99-100]"]],
  [
    "numbers with zeros that grow by a digit",
    ["gpu98", "gpu099", "gpu100", "gpu99", "gpu09", "gpu10", "gpu008"],
    ["gpu[008,09-10,98-100,099]"],
  ],
  ["numbers with zeros and without", ["gpu08", "gpu09", "gpu10", "gpu9"], ["gpu[08-10,9]"]],
  ["the same number, spelt twice", ["gpu1", "gpu01", "gpu2"], ["gpu[01,1-2]"]],
])("%s", (_what, names, folded) => {
  expect(foldNames(names)).toEqual(folded);
  expect(folded.flatMap(expand).sort()).toEqual([...names].sort());
});

test("500 names without a pattern are folded quickly", () => {
  const names = range(1, 500).map(
    (number) => `${(number * 7919).toString(36)}.${(number * 104_729).toString(36)}.example`,
  );
  const begun = performance.now();
  expect(foldNames(names).length).toBeGreaterThan(100);
  expect(performance.now() - begun).toBeLessThan(5000);
});

test("names are sorted by number", () =>
  expect(["gpu10", "gpu9", "t4", "gpu1"].sort(byName)).toEqual(["gpu1", "gpu9", "gpu10", "t4"]));
