import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ProgressReporter } from "../../provider/host/progress-reporter";
import { QueuedRequest } from "../../provider/host/queued-request";
import { step } from "../../provider/plan";
import { claimBy } from "../plan/claim";

const install = step({
  title: "install gcc",
  reason: "there is no compiler",
  command: ["install_packages", "gcc"],
  requestedBy: ["driver"],
});
const lines: string[] = [];
let teller: ProgressReporter;

const memberFor = (key: string): QueuedRequest => {
  const goal = { kind: "sriov", claim: claimBy("me"), key, state: "enabled", gpus: "all" } as const;
  return new QueuedRequest(
    { goal, progress: (line) => lines.push(`${key}: ${line}`) },
    () => undefined,
    () => undefined,
  );
};

beforeEach(() => {
  vi.useFakeTimers();
  lines.length = 0;
  const members = ["driver", "other"].map(memberFor);
  teller = new ProgressReporter(() => members);
});
afterEach(() => {
  teller.stop();
  vi.useRealTimers();
});

test("only the last line of a program's output is reported, after a silence", () => {
  teller.stepStarted(install);
  teller.stepOutput(install, "Get:1 file:/srv/packages gcc-12", false);
  teller.stepOutput(install, "(Reading database ... \r(Reading database ... 5%", false);
  vi.advanceTimersByTime(10_000);
  expect(lines).toEqual([
    "driver: install gcc: there is no compiler",
    "driver: install gcc: 10 s so far ((Reading database ... 5%)",
  ]);
});

test("progress lines of the library are reported at once to the requests of the step", () => {
  teller.stepStarted(install);
  teller.stepOutput(install, "enabling the 32 virtual functions", true);
  expect(lines).toEqual(["driver: install gcc: there is no compiler", "driver: enabling the 32 virtual functions"]);
});

test("a reboot by another run is reported once, and again instead of the lost connection", () => {
  const reason = "the kernel was set up (run by ops@ci-7)";
  for (let n = 0; n < 3; n++) teller.rebooting(reason);
  expect(lines).toEqual(["driver", "other"].map((key) => `${key}: the host reboots: ${reason}`));
  lines.length = 0;
  teller.connectionLost();
  vi.advanceTimersByTime(2000);
  expect(lines[0]).toBe(`driver: the host reboots and has been unreachable for 1 s: ${reason}`);
  expect(lines.join()).not.toContain("connection was lost");
});

test("a line about a whole run is reported once to each request, also over several runs", () => {
  for (let n = 0; n < 3; n++) teller.remark("this run is not protected");
  expect(lines).toEqual(["driver: this run is not protected", "other: this run is not protected"]);
});

test("a silent host is reported every ten seconds", () => {
  vi.advanceTimersByTime(30_000);
  for (let seconds = 1; seconds < 41; seconds++) {
    teller.silent(seconds);
    vi.advanceTimersByTime(1000);
  }
  expect(lines.filter((line) => line.startsWith("driver"))).toEqual(
    [20, 30, 40].map((count) => `driver: the host has sent nothing for ${count} s, although the connection is up`),
  );
});
