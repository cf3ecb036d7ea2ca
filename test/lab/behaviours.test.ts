import { describe, expect, test } from "vitest";
import { installer } from "./behaviours/installer";
import { mdev } from "./behaviours/mdev";
import { mig } from "./behaviours/mig";
import { sriov } from "./behaviours/sriov";
import { readmeTable } from "./behaviours/table";
import { vendor } from "./behaviours/vendor";
import { iommu, renumbering, verification } from "./behaviours/verification";

const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `B${String(from + i).padStart(2, "0")}`);
/** What the lab promises to show. */
const promised = [
  "B01",
  "B02",
  ...range(4, 12),
  "B14",
  "B15",
  ...range(17, 19),
  ...range(21, 50),
  ...range(51, 60),
  ...range(63, 72),
  ...range(74, 78),
  "B80",
  "B81",
  ...range(97, 99),
  "B101",
];
const proved = [...installer, ...verification, ...iommu, ...renumbering, ...sriov, ...mig, ...mdev, ...vendor].map(
  ({ id }) => id,
);

describe("the table of behaviours in the README", () => {
  test("has a row for each promised behaviour", () => expect(readmeTable().map(({ id }) => id)).toEqual(promised));

  test("has one check for each row", () => expect([...proved].sort()).toEqual([...promised].sort()));
});
