import { expect, test } from "vitest";
import { uuidOf } from "../../provider/lifecycle/engine/urn";
import { toState } from "../../provider/lifecycle/state";

test("undefined is left out at any depth: it makes a call fail, or hang the engine", () => {
  expect(toState({ a: 1, b: undefined, c: { d: undefined, e: [{ f: undefined }] } })).toStrictEqual({
    a: 1,
    c: { e: [{}] },
  });
});

test("null, false and empty values stay", () => {
  const all = { a: null, b: false, c: 0, d: "", e: [], f: {} };
  expect(toState(all)).toStrictEqual(all);
});

test.each([
  ["a function", () => 1],
  ["a date", new Date()],
  ["a map", new Map()],
  ["a bigint", 1n],
  ["no number", NaN],
  ["bytes", Buffer.from("a")],
  ["an undefined in a list", [undefined]],
  ["a symbol", Symbol("s")],
])("%s cannot be stored, and its path is reported", (_, value) => {
  expect(() => toState({ a: { b: value } })).toThrow(/^state\.a\.b(\[0\])? contains a value that cannot be stored/);
});

test("the UUID of a name is that of RFC 9562", () => {
  // Python: uuid.uuid5(uuid.NAMESPACE_URL, "urn:a")
  expect(uuidOf("urn:a")).toBe("b502ff46-f2a9-5378-9a9b-0775a1a8abf0");
});
