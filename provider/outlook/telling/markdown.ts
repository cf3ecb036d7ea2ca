/** Text as it is, whatever guests and packages are called. */
export const inline = (text: string): string => text.replace(/[\\`*_<>|[\]#]/g, "\\$&").replace(/\s*\n\s*/g, "<br>");

/** One row of numbers below their names. */
export function table(numbers: Record<string, number>): string {
  const row = (cells: readonly unknown[]) => `| ${cells.join(" | ")} |`;
  const columns = Object.keys(numbers);
  return [row(columns), row(columns.map(() => "---:")), row(Object.values(numbers))].join("\n");
}

/** Lines that open on a click. */
export const folded = (title: string, lines: readonly string[]): string =>
  `<details><summary>${title}</summary>\n\n${lines.join("\n")}\n\n</details>`;
