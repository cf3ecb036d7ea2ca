import { expect, test } from "vitest";
import { knownTypes } from "../../provider/model/catalogue";
import { coversSeries, familiesOfModel, familyOfType, typesOfSameGpu } from "../../provider/model/gpu-family";
import type { VgpuTypeName } from "../../provider/model/vgpu-type";
import { vgpuTypeName } from "../../provider/model/vgpu-type";

test.each([
  ["GRID A100D-1-10C", "a100d"],
  ["NVIDIA RTXA5000-4Q", "a5000"],
  ["GRID P40-2B4", "p40"],
  ["GRID A100-1-5CME", "a100"],
  ["NVIDIA RTX Pro 6000 Blackwell DC-1-24", "pro6000blackwelldc"],
])("the type %s belongs to the family %s", (type, family) => {
  expect(familyOfType(type)).toBe(family);
});

test.each([
  ["L40S", ["l40s"]],
  ["NVIDIA L40S", ["l40s"]],
  ["Tesla T4", ["t4"]],
  ["RTX A5000", ["a5000"]],
  ["A5000", ["a5000"]],
  ["A10", ["a10"]],
  ["NVIDIA A100 80GB PCIe", ["a100", "a100d", "a100dx", "a100x"]],
  ["H100 NVL", ["h100", "h100l", "h100xl", "h100xm", "h100xs"]],
  ["RTX PRO 6000 Blackwell Server Edition", ["pro6000blackwelldc"]],
  ["RTX 6000D", ["6000d"]],
])("the model %s offers types of the families %j", (model, families) => {
  expect(familiesOfModel(model).sort()).toEqual(families);
});

test.each(["L40", "V100S", "RTX 6000 Ada", "Quadro RTX 6000", "6000", "NVIDIA", ""])(
  "the model %j has no known family",
  (model) => {
    expect(familiesOfModel(model)).toEqual([]);
  },
);

test("each published type is among the types of its own GPU", () => {
  const names = knownTypes().map((type) => type.name);
  expect(
    names.filter((name) => !typesOfSameGpu(name as VgpuTypeName).some((sibling) => sibling.name === name)),
  ).toEqual([]);
});

test.each([
  ["L40S-13Q", "a size between published ones", true],
  ["L40S-64Q", "a size beyond the GPU", true],
  ["L40S-12Z", "a series of no GPU", true],
  ["L40S-Q12", "no form of a name", true],
  ["L40S-48C", "a series of which nothing is published", false],
  ["A40-3B", "a series without a type for the whole GPU", false],
  ["L4-12Q", "a GPU with one published type", false],
  ["A100-9-99C", "a MIG-backed type of a GPU of which such types are published", true],
  ["A40-1-4Q", "a MIG-backed type of a GPU without such types", false],
  ["B400-4Q", "a GPU without published types", false],
])("whether all types such as %s are published: %s", (name, _, complete) => {
  const type = vgpuTypeName(name);
  expect(coversSeries(typesOfSameGpu(type), type)).toBe(complete);
});
