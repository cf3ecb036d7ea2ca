import { afterAll, beforeAll, describe } from "vitest";
import type { LabHost, UpOptions } from "../lab";
import { up } from "../lab";
import { Stack } from "./stack";

export interface LabAndStack {
  lab: () => LabHost;
  stack: () => Stack;
}

/** Runs tests with a lab host and a stack, which end with them. */
export function onLab(
  title: string,
  options: UpOptions,
  tests: (there: LabAndStack) => void,
  { program, newStack = () => new Stack("test", program) }: { program?: string; newStack?: () => Stack } = {},
): void {
  describe(title, () => {
    let lab: LabHost | undefined;
    let stack: Stack | undefined;
    beforeAll(async () => {
      lab = await up(options);
      stack = newStack();
    });
    afterAll(async () => {
      stack?.remove();
      await lab?.down();
    });
    tests({ lab: () => lab!, stack: () => stack! });
  });
}
