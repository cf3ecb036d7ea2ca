import { describe, expect, test } from "vitest";
import { UserError } from "../../provider/model/errors";
import type { Gpu } from "../../provider/model/facts/gpu";
import { GpuSelector, mayMatchSameGpu, resolveGpu } from "../../provider/model/gpu-selector";
import { pciAddress } from "../../provider/model/pci-address";

function gpu(address: string, model: string | null, more: Partial<Gpu> = {}): Gpu {
  const nothing = {
    deviceId: "2235",
    subsystemId: "145a",
    uuid: null,
    serial: null,
    driver: "nvidia",
    driverOverride: null,
    bootDisplay: false,
  };
  const neither = {
    numaNode: null,
    slot: null,
    deviceNode: null,
    iommuGroup: null,
    framebufferMiB: null,
    sriov: null,
    hostVgpuMode: null,
  };
  const nor = {
    mig: null,
    mixedSizes: null,
    creatablePlaces: null,
    refused: null,
    framework: null,
    types: [],
    functions: [],
  };
  return { ...nothing, ...neither, ...nor, address: pciAddress(address), model, ...more };
}

const gpus = [
  gpu("0000:41:00.0", "NVIDIA A40", { slot: "3", uuid: "GPU-11111111-2222-3333-4444-555555555555" }),
  gpu("0000:45:00.0", "NVIDIA A40"),
  gpu("0001:c8:00.0", "NVIDIA L40S"),
  gpu("0001:c9:00.0", "NVIDIA RTX PRO 6000 Blackwell Server Edition"),
];

const resolve = (selector: unknown) => resolveGpu(GpuSelector.parse(selector), gpus).address;

describe("a selector resolves to its GPU", () => {
  test.each([
    ["an address as plain string", "41:00.0", "0000:41:00.0"],
    ["an address in nvidia-smi's form", { address: "00000001:C8:00.0" }, "0001:c8:00.0"],
    ["a UUID, whatever its case", { uuid: "gpu-11111111-2222-3333-4444-555555555555" }, "0000:41:00.0"],
    ["a model that is there once", { model: "L40S" }, "0001:c8:00.0"],
    ["a model of several words", { model: "RTX PRO 6000" }, "0001:c9:00.0"],
    ["a model and its index, by address", { model: "A40", index: 1 }, "0000:45:00.0"],
    ["a slot", { slot: "3" }, "0000:41:00.0"],
  ])("%s", (_, selector, address) => {
    expect(resolve(selector)).toBe(address);
  });
});

describe("a selector without exactly one match is an error", () => {
  test.each([
    [
      "several GPUs match",
      { model: "A40" },
      '"A40": 2 GPUs match: 0000:41:00.0 (NVIDIA A40), 0000:45:00.0 (NVIDIA A40). Select one by address',
    ],
    ["part of a name", { model: "L40" }, 'find the GPU "L40": the host has 0000:41:00.0 (NVIDIA A40), '],
    ["an index too far", { model: "A40", index: 2 }, '"A40" number 2: the host has'],
    ["an address of nothing", "99:00.0", "find the GPU 0000:99:00.0: the host has"],
    ["a slot of nothing", { slot: "9" }, "in slot 9"],
  ])("%s", (_, selector, message) => {
    expect(() => resolve(selector)).toThrow(UserError);
    expect(() => resolve(selector)).toThrow(message);
  });

  test("any selector fails on a host without GPUs", () => {
    expect(() => resolveGpu(GpuSelector.parse("41:00.0"), [])).toThrow("the host has no NVIDIA GPU");
  });
});

test.each([
  [{}],
  [{ address: "41:00.0", model: "A40" }],
  [{ index: 1 }],
  [{ uuid: "MIG-1" }],
  [{ model: "A40", index: -1 }],
  [7],
])("%j is rejected as a selector", (selector) => {
  expect(GpuSelector.safeParse(selector).success).toBe(false);
});

describe("two selectors may match the same GPU", () => {
  test.each([
    ["41:00.0", { address: "00000000:41:00.0" }, true],
    ["41:00.0", "42:00.0", false],
    [{ uuid: "GPU-AAAAAAAA-2222-3333-4444-555555555555" }, { uuid: "GPU-aaaaaaaa-2222-3333-4444-555555555555" }, true],
    [{ slot: "3" }, { slot: "3" }, true],
    [{ slot: "3" }, { slot: "4" }, false],
    [{ model: "A40", index: 0 }, { model: "NVIDIA A40", index: 0 }, true],
    [{ model: "A40", index: 0 }, { model: "A40", index: 1 }, false],
    [{ model: "A40" }, { model: "A40", index: 1 }, true],
    [{ model: "A5000", index: 0 }, { model: "RTX A5000", index: 0 }, true],
    [{ model: "L40" }, { model: "L40S" }, false],
    [{ model: "A40" }, "41:00.0", false],
  ])("%j and %j: %s", (a, b, alike) => {
    const [left, right] = [GpuSelector.parse(a), GpuSelector.parse(b)];
    expect([mayMatchSameGpu(left, right), mayMatchSameGpu(right, left)]).toEqual([alike, alike]);
  });
});
