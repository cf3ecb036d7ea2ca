import { expect, test } from "vitest";
import { branchOf, DriverVersion, driverVersion } from "../../provider/model/driver-version";

test("the branch of a version is its first number", () => {
  expect(branchOf(driverVersion("580.105.06"))).toBe(580);
});

test.each(["", "550", "550.163.02-1", "latest", "17.6", "550.163.02\n"])(
  "%j is rejected as a driver version",
  (written) => {
    expect(DriverVersion.safeParse(written).success).toBe(false);
  },
);
