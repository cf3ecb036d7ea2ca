export { byName, foldNames, formatHosts } from "../model/host-names";

/** Escapes Markdown in names of guests and packages. */
export const escapeMarkdown = (text: string): string =>
  text.replace(/[\\`*_<>|[\]#]/g, "\\$&").replace(/\s*\n\s*/g, "<br>");

/** Returns a Markdown table with one row of numbers. */
export function table(numbers: Record<string, number>): string {
  const row = (cells: readonly unknown[]) => `| ${cells.join(" | ")} |`;
  const columns = Object.keys(numbers);
  return [row(columns), row(columns.map(() => "---:")), row(Object.values(numbers))].join("\n");
}

/** Returns a collapsed section of Markdown. */
export const details = (title: string, lines: readonly string[]): string =>
  `<details><summary>${title}</summary>\n\n${lines.join("\n")}\n\n</details>`;
