import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Rule } from "./rule";

/** The tables of texts, by who prints them. texts/NAME.csv has the columns of `columns`, separated by semicolons. */
export const tables = ["installer", "build", "kernel", "sriov", "mig", "vgpu", "packages", "host", "system"] as const;
export type Table = (typeof tables)[number];

export const columns = ["rank", "text", "cause", "hint", "show", "source"] as const;

const read = new Map<Table, Rule[]>();

/**
 * Returns the rules of several tables: all specific ones before the common ones, which are true of many failures and name no cause of
 * their own.
 */
export function rulesOf(...names: readonly Table[]): Rule[] {
  const rules = names.flatMap(rulesOfTable);
  return [...rules.filter(({ isCommon }) => !isCommon), ...rules.filter(({ isCommon }) => isCommon)];
}

function rulesOfTable(name: Table): Rule[] {
  const rules = read.get(name) ?? rowsOf(name).map(ruleOf);
  read.set(name, rules);
  return rules;
}

function ruleOf([rank, text, cause, hint, show]: readonly string[]): Rule {
  return {
    line: new RegExp(text!),
    hint: hint!.startsWith("=") ? sharedHint(hint!.slice(1)) : hint!,
    ...(cause && { cause }),
    ...(show && (show === "first" ? { isFirst: true } : { details: new RegExp(show) })),
    ...(rank === "common" && { isCommon: true }),
  };
}

function sharedHint(name: string): string {
  const row = rowsOf("hints").find(([other]) => other === name);
  if (!row) throw new Error(`texts/hints.csv has no hint "${name}"`);
  return row[1]!;
}

/** Returns the rows of a table, without comments and headings. */
export const rowsOf = (name: Table | "hints"): string[][] =>
  readFileSync(join(__dirname, "texts", `${name}.csv`), "utf8")
    .split("\n")
    .filter((line) => line && !line.startsWith("#"))
    .slice(1)
    .map((line) => line.split(";"));
