import { expect, test } from "vitest";
import { knownType } from "../../provider/model/catalogue";

test.each([
  [231, { id: 231, name: "GRID T4-2Q", maxInstances: 8 }],
  [557, { id: 557, name: "NVIDIA A40-1Q", maxInstances: 32 }],
  [463, { id: 463, name: "GRID A100X-1-5C", maxInstances: null }],
  [1, null],
])("the catalogue returns what is published about type %i", (id, type) => {
  expect(knownType(id)).toEqual(type);
});
