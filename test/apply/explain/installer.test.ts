import { describe, expect, test } from "vitest";
import { explainInstaller } from "../../../provider/apply/explain/explainers";
import cases from "./installer.json";

describe("a failed installation is explained from its log", () => {
  test.each(cases)("$title", ({ output, seen, next }) => {
    const explanation = explainInstaller(output.join("\n"));
    expect(explanation?.cause).toContain(seen);
    expect(explanation?.hint).toContain(next);
  });

  test("unknown output is not explained", () => {
    expect(
      explainInstaller("ERROR: Something that no installer said before\nERROR: Installation has failed."),
    ).toBeNull();
    expect(explainInstaller("")).toBeNull();
  });

  test("a warning before success is no explanation", () => {
    expect(explainInstaller("WARNING: Failed to register the NVIDIA kernel modules with DKMS.")).toBeNull();
  });
});
