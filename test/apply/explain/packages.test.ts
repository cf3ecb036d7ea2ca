import { describe, expect, test } from "vitest";
import { explainPackages } from "../../../provider/apply/explain/explainers";
import cases from "./packages.json";

describe("packages that could not be installed", () => {
  test.each(cases)("$title", ({ output, seen, next }) => {
    const explanation = explainPackages(output.join("\n"));
    expect(explanation?.cause).toBe(seen);
    expect(explanation?.hint).toContain(next);
  });

  test("unknown output is not explained", () => {
    expect(
      explainPackages("Reading package lists...\nBuilding dependency tree...\napt-get could not install gcc"),
    ).toBeNull();
  });
});
