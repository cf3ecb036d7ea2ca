import { describe, expect, test } from "vitest";
import {
  explainAnyStep,
  explainBuild,
  explainInstaller,
  explainModules,
  explainPackages,
  explainSriovManage,
} from "../../../provider/apply/explain/explainers";
import type { Explainer } from "../../../provider/apply/explain/rule";
import { columns, rowsOf, rulesOf, tables } from "../../../provider/apply/explain/texts";
import cases from "./texts.json";

const explainers: Record<string, Explainer> = {
  installer: explainInstaller,
  build: explainBuild,
  modules: explainModules,
  "sriov-manage": explainSriovManage,
  packages: explainPackages,
  "any step": explainAnyStep,
};

test.each(cases)("output of $explainer is explained: $cause", ({ explainer, cause, output }) => {
  const explanation = explainers[explainer]!(output.join("\n"));
  expect(explanation?.cause.slice(0, cause.length)).toBe(cause);
  expect(explanation?.hint).toMatch(/./);
});

test.each([
  "nvidia: loading out-of-tree module taints kernel.",
  "nvidia: module verification failed: signature and/or required key missing - tainting kernel",
  "nvidia: module license 'NVIDIA' taints kernel.",
  "NVRM: loading NVIDIA UNIX x86_64 Kernel Module  550.90.05",
  "Skipping BTF generation for nvidia.ko due to unavailability of vmlinux",
  "warning: the compiler differs from the one used to build the kernel",
  "Deprecated feature: REMAKE_INITRD (/var/lib/dkms/nvidia/550/source/dkms.conf)",
  "W: Target Packages (main/binary-amd64/Packages) is configured multiple times in /etc/apt/sources.list:1",
])("a line that a successful run prints explains nothing: %s", (line) => {
  for (const explain of Object.values(explainers)) expect(explain(line)).toBeNull();
});

describe.each(tables)("the table %s", (table) => {
  test("has all columns in each row, and a source", () => {
    for (const row of rowsOf(table)) {
      expect([row[1], row.length]).toEqual([row[1], columns.length]);
      const [rank, text, , hint, , source] = row as [string, string, string, string, string, string];
      expect(["specific", "common"]).toContain(rank);
      for (const cell of [text, hint, source]) expect(cell).not.toBe("");
    }
  });

  test("has valid patterns and hints, and no text twice", () => {
    expect(rulesOf(table).length).toBe(rowsOf(table).length);
    const texts = rowsOf(table).map(([, text]) => text);
    expect(new Set(texts).size).toBe(texts.length);
  });
});
