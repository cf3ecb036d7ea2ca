import { z } from "zod";

/** A driver release such as `550.163.02`. Its branch, the first number, decides on flags, cards and kernels. */
export const DriverVersion = z
  .string()
  .regex(/^\d{3}\.\d{2,3}(\.\d{2})?$/, {
    error: (issue) => `"${issue.input}" is not a driver version such as 550.163.02`,
  })
  .brand<"DriverVersion">();
export type DriverVersion = z.infer<typeof DriverVersion>;

export const driverVersion = (text: string): DriverVersion => DriverVersion.parse(text);

export const branchOf = (version: DriverVersion): number => Number(version.split(".")[0]);

/** Negative when `a` is the older one. Numbers, not text: 550.90.05 comes before 550.163.02. */
export function compareVersions(a: DriverVersion, b: DriverVersion): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference) return difference;
  }
  return 0;
}
