import { expect, test } from "vitest";
import { fleetTable, growthSentence, nativeTable, othersTable, processorTable, processTable } from "./fleet/table";
import type { Cost } from "./host/meter";
import { hostTable } from "./host/table";
import { growthExponent, median, ratio, seconds, table } from "./report";

test("the median is the middle value, or the mean of the two middle values", () => {
  expect([median([9, 1, 2]), median([4, 1, 2, 10])]).toEqual([2, 3]);
});

test("seconds have one decimal below 10", () => {
  expect([749, 9_949, 9_950, 61_400].map(seconds)).toEqual(["0.7 s", "9.9 s", "10 s", "61 s"]);
});

test("a ratio has two decimals", () => {
  expect([ratio(1, 3), ratio(3, 2)]).toEqual(["0.33", "1.50"]);
});

test("a table has numbers aligned to the right and words to the left", () => {
  expect(
    table(
      ["what", "time"],
      [
        ["one", "1.0 s"],
        ["two", "20 s"],
      ],
    ),
  ).toBe("| what | time |\n| --- | ---: |\n| one | 1.0 s |\n| two | 20 s |");
});

test("the growth exponent is 1 for time in proportion to hosts, and 2 for its square", () => {
  const times = (exponent: number) => [10, 50, 200].map((hosts) => [hosts, 3 * hosts ** exponent] as const);
  expect([1, 2].map((exponent) => growthExponent(times(exponent)).toFixed(6))).toEqual(["1.000000", "2.000000"]);
});

test("rows of the fleet tables compare preview, refresh and ssh part with OpenSSH, and the providers with each other", () => {
  const effort = (ms: number) => ({ ms, cpuMs: ms / 2, processes: processes(ms) });
  const processes = (ms: number) => ({
    "the program": ms / 10,
    "the provider": ms / 5,
    "a second provider": 0,
    "the CLI": ms / 5,
  });
  const stack = { stateBytes: 61_440, tuned: effort(2_400) };
  const trivial = {
    stateBytes: 10_240,
    tuned: effort(1_000),
    preview: effort(3_000),
    withoutRefresh: effort(2_000),
    peakMiB: 140,
    dialErrors: 0,
  };
  const few = {
    hosts: 10,
    dynamic: { ...stack, preview: effort(6_000), withoutRefresh: effort(5_000), peakMiB: 170, dialErrors: 0 },
    native: { ...stack, preview: effort(4_000), withoutRefresh: effort(3_000), peakMiB: 150, dialErrors: 0 },
    trivial,
    reading: effort(700),
    openssh: effort(800),
    others: { pyinfra: effort(4_000), ansible: effort(12_000) },
  };
  const many = {
    hosts: 200,
    dynamic: { ...stack, preview: effort(25_000), withoutRefresh: effort(13_000), peakMiB: 384, dialErrors: 1 },
    native: { ...stack, preview: effort(20_000), withoutRefresh: effort(9_000), peakMiB: 290, dialErrors: 0 },
    trivial,
    reading: effort(9_000),
    openssh: effort(15_000),
    others: {},
  };
  expect(fleetTable([few, many]).split("\n").slice(2)).toEqual([
    "| 10 | 6.0 s | - | - | 5.0 s | 1.0 s | 0.7 s | 0.8 s | 7.50 | 1.25 | 0.88 | 170 MiB | 0 |",
    "| 200 | 25 s | 100 ms | 0.48 | 13 s | 12 s | 9.0 s | 15 s | 1.67 | 0.80 | 0.60 | 384 MiB | 1 |",
  ]);
  expect(growthSentence([few, many])).toBe(
    "Growth exponent of `pulumi preview` from 10 to 200 hosts: 0.48; of its processor time: 0.48",
  );
  expect(othersTable([few, many]).split("\n").slice(2)).toEqual([
    "| 10 | 6.0 s | 0.7 s | 4.0 s | 12 s | 1.50 | 0.50 |",
    "| 200 | 25 s | 9.0 s | - | - | - | - |",
  ]);
  expect(processorTable([few, many]).split("\n").slice(2)).toEqual([
    "| 10 | 3.0 s | - | 2.5 s | 0.3 s | 0.4 s | 2.0 s | 6.0 s |",
    "| 200 | 13 s | 0.48 | 6.5 s | 4.5 s | 7.5 s | - | - |",
  ]);
  expect(processTable([few]).split("\n").slice(2)).toEqual([
    "| 10 | the program | 0.2 s | 0.5 s | 0.3 s | 0.6 s |",
    "| 10 | the provider | 0.4 s | 1.0 s | 0.6 s | 1.2 s |",
    "| 10 | a second provider | 0.0 s | 0.0 s | 0.0 s | 0.0 s |",
    "| 10 | the CLI | 0.4 s | 1.0 s | 0.6 s | 1.2 s |",
    "| 10 | all | 1.0 s | 2.5 s | 1.5 s | 3.0 s |",
  ]);
  expect(nativeTable([few]).split("\n").slice(2)).toEqual([
    "| 10 | dynamic | 6.0 s | 5.0 s | 7.50 | 2.4 s | 3.00 | 3.0 s | 2.5 s | 1.2 s | 170 MiB | 2.0 KiB | 0 |",
    "| 10 | native | 4.0 s | 3.0 s | 5.00 | 2.4 s | 3.00 | 2.0 s | 1.5 s | 1.2 s | 150 MiB | 2.0 KiB | 0 |",
  ]);
});

test("the host table compares processes, bytes and time with both uses of OpenSSH", () => {
  const cost = (factor: number): Cost => ({
    connections: factor,
    execs: factor,
    processes: 10 * factor,
    sent: 1024 * factor,
    received: 3072 * factor,
    ms: 1000 * factor,
  });
  const rows = hostTable([{ what: "16 creates", ours: cost(2), oneConnection: cost(1), perCommand: cost(8) }])
    .split("\n")
    .slice(2);
  expect(rows).toEqual([
    "| 16 creates | this package | 2 | 2 | 20 | 2 KiB | 6 KiB | 2.0 s | 1.00 | 1.00 | 1.00 |",
    "|  | one `ssh` | 1 | 1 | 10 | 1 KiB | 3 KiB | 1.0 s | 2.00 | 2.00 | 2.00 |",
    "|  | one `ssh` per command | 8 | 8 | 80 | 8 KiB | 24 KiB | 8.0 s | 0.25 | 0.25 | 0.25 |",
  ]);
});
