import { expect, test } from "vitest";
import { migModeFor } from "../../provider/model/mig-by-types";

test.each([
  ["on for MIG-backed types", ["A100-2-10C"], true],
  ["on for a MIG-backed type by its id", ["475"], true],
  ["on for a mix, which the host refuses", ["A100-10C", "A100-2-10C"], true],
  ["off for time-sliced types of a GPU with MIG", ["NVIDIA A100-10C"], false],
  ["off for time-sliced types of an RTX PRO 6000", ["DC-24Q"], false],
  ["open for types of a GPU without MIG", ["A40-12Q"], undefined],
  ["open for an unknown id", ["99999"], undefined],
  ["open without types", [], undefined],
] as const)("MIG mode is %s", (_, types, mode) => {
  expect(migModeFor(types)).toBe(mode);
});
