import { describe, expect, test } from "vitest";
import { installer } from "./behaviours/installer";
import { mdev } from "./behaviours/mdev";
import { migChanges } from "./behaviours/mig-changes";
import { migInstances } from "./behaviours/mig-instances";
import { migModes } from "./behaviours/mig-mode";
import { migUsers } from "./behaviours/mig-users";
import { migVendor } from "./behaviours/mig-vendor";
import { mixedSizes, placements } from "./behaviours/mixed-sizes";
import { sriov } from "./behaviours/sriov";
import { readmeTable } from "./behaviours/table";
import { vendor } from "./behaviours/vendor";
import { iommu, renumbering, verification } from "./behaviours/verification";

const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `B${String(from + i).padStart(2, "0")}`);
/** The behaviours that the lab shows. */
const promised = [
  "B01",
  "B02",
  ...range(4, 12),
  "B14",
  "B15",
  ...range(17, 19),
  ...range(21, 50),
  ...range(51, 60),
  ...range(63, 78),
  ...range(80, 93),
  ...range(97, 99),
  "B101",
  ...range(103, 130),
  "B132",
  ...range(135, 137),
  ...range(139, 142),
  ...range(145, 154),
];
const proved = [
  ...[installer, verification, iommu, renumbering, sriov, mdev, vendor].flat(),
  ...[migModes, migInstances, migUsers, migChanges, migVendor, mixedSizes, placements].flat(),
].map(({ id }) => id);

describe("table of behaviours in the lab's README", () => {
  test("the README of the lab has a row for each behaviour", () =>
    expect(readmeTable().map(({ id }) => id)).toEqual(promised));

  test("each behaviour of the README has one check", () => expect([...proved].sort()).toEqual([...promised].sort()));
});
