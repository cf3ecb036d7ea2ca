import { z } from "zod";

/** A driver release such as `550.163.02`. Its branch, the first number, decides on installer flags, supported GPUs and kernels. */
export const DriverVersion = z
  .string()
  .regex(/^\d{3}\.\d{2,3}(\.\d{2})?$/, {
    error: (issue) => `"${issue.input}" is not a driver version such as 550.163.02`,
  })
  .brand<"DriverVersion">();
export type DriverVersion = z.infer<typeof DriverVersion>;

export const driverVersion = (text: string): DriverVersion => DriverVersion.parse(text);

export const branchOf = (version: DriverVersion): number => Number(version.split(".")[0]);
