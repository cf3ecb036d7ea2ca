import { describe, expect, test } from "vitest";
import { wavesOf } from "../../provider/components/waves";

const hosts = ["a", "b", "c", "d", "e"];

describe("waves", () => {
  test("without a rollout all hosts are one wave", () => {
    expect(wavesOf(hosts)).toEqual([hosts]);
  });

  test("canaries are the first wave, the others follow in batches and in order", () => {
    expect(wavesOf(hosts, { canary: ["d", "b"], batch: 2 })).toEqual([["b", "d"], ["a", "c"], ["e"]]);
  });

  test("without a batch the hosts after the canaries are one wave", () => {
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

  test("no hosts are no wave", () => {
    expect(wavesOf([], { batch: 3 })).toEqual([]);
  });

  test("an unknown canary is an error", () => {
    expect(() => wavesOf(hosts, { canary: ["f"] })).toThrow('rollout.canary: there is no host "f"');
  });

  test.each([0, -1, 1.5, NaN])("a batch of %d is an error", (batch) => {
    expect(() => wavesOf(hosts, { batch })).toThrow(`rollout.batch: ${batch} is not a number of hosts`);
  });
});
