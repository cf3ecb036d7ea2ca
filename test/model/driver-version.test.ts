import { expect, test } from "vitest";
import { branchOf, compareVersions, DriverVersion, driverVersion } from "../../provider/model";

test("versions compare by number, and 470.68 has no third one", () => {
  const written = ["550.163.02", "470.68", "580.65.05", "550.90.05", "510.85.03", "550.163.01"].map(driverVersion);
  expect(written.sort(compareVersions)).toEqual([
    "470.68",
    "510.85.03",
    "550.90.05",
    "550.163.01",
    "550.163.02",
    "580.65.05",
  ]);
  expect(compareVersions(driverVersion("535.104.06"), driverVersion("535.104.06"))).toBe(0);
});

test("the branch is the first number", () => {
  expect(branchOf(driverVersion("580.105.06"))).toBe(580);
});

test.each(["", "550", "550.163.02-1", "latest", "17.6", "550.163.02\n"])("%j is no driver version", (written) => {
  expect(DriverVersion.safeParse(written).success).toBe(false);
});
