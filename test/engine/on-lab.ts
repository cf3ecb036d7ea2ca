import { afterAll, beforeAll, describe } from "vitest";
import type { LabHost, UpOptions } from "../lab";
import { up } from "../lab";
import { Stack } from "./stack";

export interface There {
  lab: () => LabHost;
  stack: () => Stack;
}

/** A lab host and a stack that both live as long as the tests of a block. */
export function onLab(
  title: string,
  options: UpOptions,
  tests: (there: There) => void,
  { program }: { program?: string } = {},
): void {
  describe(title, () => {
    let lab: LabHost | undefined;
    let stack: Stack | undefined;
    beforeAll(async () => {
      lab = await up(options);
      stack = new Stack("test", program);
    });
    afterAll(async () => {
      stack?.remove();
      await lab?.down();
    });
    tests({ lab: () => lab!, stack: () => stack! });
  });
}
