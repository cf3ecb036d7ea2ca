import { describe, expect, test } from "vitest";
import { isType, sizeInName, VgpuTypeName, vgpuTypeName } from "../../provider/model/vgpu-type";

describe("a type matches by its whole name or its id", () => {
  const p402b = { id: 156, name: "GRID P40-2B" };
  test.each(["P40-2B", "GRID P40-2B", "NVIDIA P40-2B", "p40-2b", "156", "nvidia-156"])("%s", (wanted) => {
    expect(isType(vgpuTypeName(wanted), p402b)).toBe(true);
  });
  test.each(
    ["P40-2B4", "P40-2", "40-2B", "P40-2Q", "15", "nvidia-15"].filter((name) => VgpuTypeName.safeParse(name).success),
  )("not by %s", (wanted) => {
    expect(isType(vgpuTypeName(wanted), p402b)).toBe(false);
  });
  test("a name of several words matches by its last word", () => {
    const blackwell = { id: 1519, name: "NVIDIA RTX Pro 6000 Blackwell DC-3Q" };
    expect(isType(vgpuTypeName("DC-3Q"), blackwell)).toBe(true);
    expect(isType(vgpuTypeName("NVIDIA RTX Pro 6000 Blackwell DC-3Q"), blackwell)).toBe(true);
  });
  test("a type without a name on the host matches by id", () => {
    expect(isType(vgpuTypeName("1519"), { id: 1519, name: null })).toBe(true);
    expect(isType(vgpuTypeName("DC-3Q"), { id: 1519, name: null })).toBe(false);
  });
});

test.each(["", "A40", "A40-4Q; reboot", "A40-4Q\nB", "-1", "$(id)-4Q", "../4Q"])(
  "%j is rejected as a type name",
  (written) => {
    expect(VgpuTypeName.safeParse(written).success).toBe(false);
  },
);

test.each([
  ["NVIDIA A40-4Q", 4096, "Q", null],
  ["GRID P40-2B4", 2048, "B", null],
  ["GRID V100D-32C", 32768, "C", null],
  ["GRID M60-0B", 512, "B", null],
  ["GRID A100-1-5CME", 5120, "C", 1],
  ["NVIDIA H100XM-7-80C", 81920, "C", 7],
  ["NVIDIA RTX Pro 6000 Blackwell DC-4-24", 24576, "C", 4],
])("%s has %i MiB of the series %s", (name, framebufferMiB, series, slices) => {
  expect(sizeInName(name)).toEqual({ framebufferMiB, series, slices });
});

test("a name without a size has none", () => {
  expect(sizeInName("NVIDIA A40")).toBeNull();
});
