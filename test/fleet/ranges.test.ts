import { expect, test } from "vitest";
import { expand } from "../../provider/fleet/ranges";

test.each([
  ["gpu01.example", ["gpu01.example"]],
  ["gpu[01-03].rack2", ["gpu01.rack2", "gpu02.rack2", "gpu03.rack2"]],
  ["gpu[8-11]", ["gpu8", "gpu9", "gpu10", "gpu11"]],
  ["gpu[008-010]", ["gpu008", "gpu009", "gpu010"]],
  ["gpu[01-02,07, 05]", ["gpu01", "gpu02", "gpu07", "gpu05"]],
  ["r[1-2]n[0-1]", ["r1n0", "r1n1", "r2n0", "r2n1"]],
  ["gpu[7]", ["gpu7"]],
])("%s is expanded", (pattern, hosts) => {
  expect(expand(pattern)).toEqual(hosts);
});

test.each([
  ["gpu[40-01]", "the range 40-01 is descending."],
  ["gpu[01-100]", "01 and 100 have different numbers of digits."],
  ["gpu[1-010]", "1 and 010 have different numbers of digits."],
  ["gpu[]", "[] is not a number or a range"],
  ["gpu[1,]", "[] is not a number or a range"],
  ["gpu[a-c]", "[a-c] is not a number or a range"],
  ["gpu[-3]", "[-3] is not a number or a range"],
  ["gpu[1-2", 'unmatched bracket in "gpu[1-2".'],
  ["gpu1]", 'unmatched bracket in "gpu1]".'],
  ["gpu[[1-2]]", 'unmatched bracket in "gpu[".'],
  ["gpu[0-99][0-99][0-1]", "it means 20000 hosts, maximum is 10000."],
  ["gpu[0-999999999][0-999999999]", "maximum is 10000."],
])("%s is refused", (pattern, message) => {
  expect(() => expand(pattern)).toThrow(message);
});

test("ten thousand hosts are allowed", () => {
  expect(expand("gpu[0000-9999]")).toHaveLength(10_000);
});

test("a range has each number once, in order, with the digits of its bounds", () => {
  for (let from = 0; from < 120; from += 7) {
    for (let to = from; to < 130; to += 11) {
      const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
      expect(expand(`a[${from}-${to}]b`)).toEqual(numbers.map((n) => `a${n}b`));
      const wide = (n: number) => String(n).padStart(4, "0");
      expect(expand(`a[${wide(from)}-${wide(to)}]b`)).toEqual(numbers.map((n) => `a${wide(n)}b`));
    }
  }
});

test("several brackets give all combinations, the last bracket varying fastest", () => {
  const parts = ["[1-3]", "[07-11]", "[2,9]"];
  for (const a of parts)
    for (const b of parts)
      expect(expand(`x${a}y${b}`)).toEqual(expand(`x${a}y`).flatMap((prefix) => expand(b).map((end) => prefix + end)));
});
