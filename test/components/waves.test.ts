import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import type { DeclaredHost } from "../../provider/components/declared-host";
import { waitForWave, wavesOf } from "../../provider/components/waves";

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

describe("the next wave", () => {
  interface Outputs {
    unreachable?: string;
    failure?: string;
    maintenance?: string;
  }
  const host = (name: string, { unreachable, failure, maintenance }: Outputs): readonly [string, DeclaredHost] => {
    const part = { unreachable: pulumi.output(unreachable), failure: pulumi.output(failure && { kind: failure }) };
    const declared = { args: { maintenance }, host: { parts: [part] } };
    return [name, declared as unknown as DeclaredHost];
  };
  const waits = (outputs: Outputs, canary: string[] = [], before?: string) =>
    waitForWave(Promise.resolve(before), [host("a", {}), host("b", outputs)], { canary });

  test.each<[string, Outputs, string | undefined]>([
    ["failed", { failure: "failed" }, "the canary b, which failed"],
    ["blocked", { failure: "blocked" }, "the canary b, which is blocked"],
    ["unreachable for the refresh", { unreachable: "refused" }, "the canary b, which is unreachable"],
    ["unreachable for the update", { failure: "unreachable" }, "the canary b, which is unreachable"],
    ["unreachable, but in maintenance", { unreachable: "refused", maintenance: "DIMM" }, undefined],
    ["in sync", {}, undefined],
  ])("after a canary that is %s", async (_, outputs, expected) => {
    expect(await waits(outputs, ["b"])).toBe(expected);
  });

  test.each<[string, Outputs, string | undefined]>([
    ["failed", { failure: "failed" }, "b, which failed"],
    ["blocked", { failure: "blocked" }, undefined],
    ["unreachable", { unreachable: "refused" }, undefined],
  ])("after another host that is %s", async (_, outputs, expected) => {
    expect(await waits(outputs)).toBe(expected);
  });

  test("waits for the first cause, also after a wave that waits itself", async () => {
    expect(await waits({ failure: "waiting" }, [], "the canary z, which failed")).toBe("the canary z, which failed");
  });
});
