import { expect, test } from "vitest";
import type { Gpu } from "../../../provider/model/facts/gpu";
import { mixedOrder, placesOf } from "../../../provider/plan/vgpu/mixed-places";

const places = (total: number, size: number, count: number, deviceId = "2235") =>
  placesOf({ deviceId } as Gpu, total, size, count)
    .map(({ start }) => start)
    .join(" ");

test.each([
  [94, 47, 2, "0 47"],
  [94, 23, 4, "0 24 47 71"],
  [94, 11, 8, "0 12 23 36 47 59 70 83"],
  [94, 6, 8, "0 17 23 41 47 64 70 88"],
  [80, 16, 4, "0 24 40 64"],
  [80, 4, 16, "0 6 10 16 20 26 30 36 40 46 50 56 60 66 70 76"],
  [48, 1, 32, "0 2 3 5 6 9 11 12 14 15 17 18 20 21 23 24 26 27 29 30 33 35 36 38 39 41 42 44 45 47"],
  [40, 8, 4, "0 12 20 32"],
  [24, 1, 16, "0 2 3 5 6 8 9 11 12 14 15 17 18 20 21 23"],
  [20, 2, 8, "0 3 5 8 10 13 15 18"],
])("the places of mixed-size mode on %i GiB for %i GiB are those of NVIDIA's guide", (total, size, count, expected) => {
  expect(places(total, size, count)).toBe(expected);
});

test("an Ada GPU has 16 places of 1 GiB, and an H200 loses none", () => {
  expect(places(48, 1, 32, "26b9")).toBe("0 5 6 11 12 17 18 23 24 29 30 35 36 41 42 47");
  expect(places(141, 28, 5)).toBe("0 28 56 84 112");
});

test("vGPUs are created in an order in which the first free place of each leaves one for the others, if there is any", () => {
  const bySize = { 16: [0, 32], 12: [0, 12, 24, 36], 8: [0, 16, 24, 40] };
  const lists = new Map(
    Object.entries(bySize).map(([size, starts]) => [
      Number(size),
      starts.map((start) => ({ start, size: Number(size) })),
    ]),
  );
  const order = (sizes: number[], taken: [number, number][] = []) =>
    mixedOrder(
      sizes,
      taken.map(([start, size]) => ({ start, size })),
      (size) => lists.get(size)!,
    );
  expect(order([16, 12, 12])).toEqual([16, 12, 12]);
  expect(order([16, 16, 12])).toBeNull();
  expect(order([16], [[12, 12]])).toEqual([16]);
  expect(order([16, 12], [[12, 12]])).toEqual([16, 12]);
  expect(order([16, 8], [[24, 24]])).toEqual([16, 8]);
  expect(order([12, 8, 8], [[24, 24]])).toBeNull();
});
