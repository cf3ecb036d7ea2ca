import { join } from "node:path";
import { expect, test } from "vitest";
import { pathFromFleet } from "../../provider/fleet";

test.each([
  ["fleet.yaml", "./x.run", "x.run"],
  ["infra/fleet.yaml", "./x.run", "infra/x.run"],
  ["infra/fleet.yaml", "../drivers/x.run", "drivers/x.run"],
  ["../fleet.yaml", "x.run", "../x.run"],
  [join(process.cwd(), "infra/fleet.yaml"), "x.run", "infra/x.run"],
  ["infra/fleet.yaml", "~/x.run", "~/x.run"],
  ["infra/fleet.yaml", "/opt/x.run", "/opt/x.run"],
  ["infra/fleet.yaml", "~x.run", "infra/~x.run"],
])("in %s, the path %s resolves to %s", (path, written, here) => {
  expect(pathFromFleet({ path }, written)).toBe(here);
});
