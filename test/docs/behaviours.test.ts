import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { root } from "../../scripts/setup/places.mjs";
import { tablesIn, textOf } from "./markdown";

const table = tablesIn(textOf("docs/behaviours.md")).flatMap(({ rows }) =>
  rows.flatMap(({ "No.": number }) => number ?? []),
);

/** Names of vGPU types, GPUs and options that look like the number of a behaviour. */
const others = ["B1", "B4", "B300", "B400"];

function numbersIn(...folders: string[]): string[] {
  const found = execFileSync(
    "git",
    ["grep", "-hoE", "\\bB[0-9]{1,3}\\b", "--", ...folders, ":!*.csv", ":!test/captures"],
    { cwd: root, encoding: "utf8" },
  );
  return [...new Set(found.trim().split("\n"))].filter((number) => !others.includes(number));
}

test("docs/behaviours.md has one row for each number, without a gap", () => {
  expect(table).toEqual(table.map((_, index) => `B${String(index + 1).padStart(2, "0")}`));
});

test("docs/behaviours.md has a row for each number that sources and tests refer to", () => {
  const numbers = numbersIn("provider", "test", "scripts");
  expect(numbers.length).toBeGreaterThan(60);
  for (const number of numbers) expect(table).toContain(number);
});
