import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Member } from "../../provider/host/member";
import { Teller } from "../../provider/host/teller";
import { step } from "../../provider/plan";
import { claimBy } from "../plan/claim";

const install = step({ does: "install gcc", because: "there is no compiler", run: ["install_packages", "gcc"], for: ["driver"] });
const lines: string[] = [];
let teller: Teller;

const memberFor = (key: string): Member => {
  const desire = { kind: "sriov", claim: claimBy("me"), key, state: "enabled", gpus: "all" } as const;
  return new Member({ desire, progress: (line) => lines.push(`${key}: ${line}`) }, () => undefined, () => undefined);
};

beforeEach(() => {
  vi.useFakeTimers();
  lines.length = 0;
  const members = ["driver", "other"].map(memberFor);
  teller = new Teller(() => members);
});
afterEach(() => {
  teller.stop();
  vi.useRealTimers();
});

test("what a program prints is kept back, and goes with the line that breaks a silence, its last word only", () => {
  teller.begun(install);
  teller.said(install, "Get:1 file:/srv/packages gcc-12", false);
  teller.said(install, "(Reading database ... \r(Reading database ... 5%", false);
  vi.advanceTimersByTime(10_000);
  expect(lines).toEqual([
    "driver: install gcc: there is no compiler",
    "driver: install gcc: 10 s so far ((Reading database ... 5%)",
  ]);
});

test("what a function of the library says for people is told at once, to those whom the step concerns", () => {
  teller.begun(install);
  teller.said(install, "enabling the 32 virtual functions", true);
  expect(lines).toEqual(["driver: install gcc: there is no compiler", "driver: enabling the 32 virtual functions"]);
});
