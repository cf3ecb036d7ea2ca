import { expect, test } from "vitest";
import { Machine } from "./machine";

test("an unknown part is an error that lists the known parts", async () => {
  const { code, stderr } = await new Machine().setup("lap");
  expect(code).toBe(1);
  expect(stderr).toBe('setup: There is no part "lap". The parts are npm, build, lab, pulumi, yaml, python.\n');
});
