import Table from "cli-table3";

const none = Object.fromEntries(
  (["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right", "left", "left-mid", "mid", "mid-mid", "right", "right-mid"] as const)
    .map((name) => [name, ""]),
);

/** Rows as columns that stand below each other, two blanks apart; the last column is as long as it is. */
export function columns(rows: readonly (readonly string[])[]): string {
  const table = new Table({ chars: { ...none, middle: "  " }, style: { "padding-left": 0, "padding-right": 0, head: [], border: [] } });
  table.push(...rows.map((row) => [...row]));
  return table.toString().replace(/ +$/gm, "");
}
