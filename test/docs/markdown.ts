import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/setup/places.mjs";

export const textOf = (file: string): string => readFileSync(join(root, file), "utf8");

/** A table, and the heading before it. */
export interface Table {
  heading: string;
  columns: string[];
  rows: Record<string, string>[];
}

export function tablesIn(markdown: string): Table[] {
  const tables: Table[] = [];
  let heading = "";
  let current: Table | undefined;
  for (const line of markdown.split("\n")) {
    heading = /^#+ (.*)$/.exec(line)?.[1]?.replaceAll("`", "") ?? heading;
    if (!line.startsWith("|")) {
      current = undefined;
      continue;
    }
    const cells = line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim());
    if (!current) tables.push((current = { heading, columns: cells, rows: [] }));
    else if (!/^-+$/.test(cells[0]!))
      current.rows.push(Object.fromEntries(current.columns.map((column, i) => [column, cells[i] ?? ""])));
  }
  return tables;
}

/** Returns the rows of a table by the names in their first column; a row may have several. */
export function rowsByName({ columns, rows }: Table): Map<string, Record<string, string>> {
  return new Map(rows.flatMap((row) => row[columns[0]!]!.split(", ").map((name) => [name.replaceAll("`", ""), row])));
}

/** Returns the anchors of headings, as GitHub makes them. */
export const anchorsIn = (markdown: string): string[] =>
  [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replace(/ /g, "-"),
  );

export const codeIn = (markdown: string, language: string): string[] =>
  [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm"))].map(([, code]) => code!);
