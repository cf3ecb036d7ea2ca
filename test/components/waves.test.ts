import { describe, expect, test } from "vitest";
import { wavesOf } from "../../provider/components/waves";

const hosts = ["a", "b", "c", "d", "e"];

describe("waves", () => {
  test("without a rollout all hosts go at once", () => {
    expect(wavesOf(hosts)).toEqual([hosts]);
  });

  test("canaries go first, the others in batches, in their order", () => {
    expect(wavesOf(hosts, { canary: ["d", "b"], batch: 2 })).toEqual([["b", "d"], ["a", "c"], ["e"]]);
  });

  test("canaries alone: the rest is one wave", () => {
    expect(wavesOf(hosts, { canary: ["c"] })).toEqual([["c"], ["a", "b", "d", "e"]]);
  });

  test("each host is in one wave", () => {
    for (let batch = 1; batch <= 6; batch++)
      expect(
        wavesOf(hosts, { canary: ["e"], batch })
          .flat()
          .sort(),
      ).toEqual(hosts);
  });

  test("no hosts make no wave", () => {
    expect(wavesOf([], { batch: 3 })).toEqual([]);
  });

  test("a canary that is no host is a mistake", () => {
    expect(() => wavesOf(hosts, { canary: ["f"] })).toThrow('rollout.canary: there is no host "f"');
  });

  test.each([0, -1, 1.5, NaN])("%d is no size of a wave", (batch) => {
    expect(() => wavesOf(hosts, { batch })).toThrow(`rollout.batch: ${batch} is not a number of hosts`);
  });
});
