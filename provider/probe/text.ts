/** Parses `NAME=value`, `NAME="value"`, `NAME='value'`, as in os-release and /etc/default/grub. The last line wins. */
export function settings(lines: string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of lines) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(?:"(.*)"|'(.*)'|(.*?))\s*$/.exec(line);
    if (match) found[match[1]!] = match[2] ?? match[3] ?? match[4] ?? "";
  }
  return found;
}

/** Returns whether a file has the end that apply/host/whole-files.sh gives it; one that an editor changed may have another line end. */
export const isWhole = (lines: string[]): boolean => lines.at(-1) === "complete=yes";

/** Splits a kernel command line into words. Quotes keep a word together and stay part of it. */
export function commandLineWords(line: string): string[] {
  return line.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
}

/** Orders `6.8.0-9-generic` before `6.8.0-40-generic`: numbers as numbers, all else as text. */
export function compareNaturally(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
