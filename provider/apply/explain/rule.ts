import type { Explainer, Explanation } from "../failure";

/** What a line of output means. */
export interface Rule {
  /** Of one line of what was printed. */
  line: RegExp;
  /** `$1` stands for what the line's first group matched. Without a cause the line says it all. */
  cause?: string;
  hint: string;
  /** Lines that say more than the one that was recognised. */
  telling?: RegExp;
}

export const linesShown = 3;
const lineLength = 240;

/** The first rule that knows a line explains the failure, by the last such line: what came before it was tried again. */
export function explainBy(rules: readonly Rule[], lines: readonly string[]): Explanation | null {
  for (const { line: pattern, cause, hint, telling } of rules) {
    const line = lines.filter((one) => pattern.test(one)).at(-1);
    if (line === undefined) continue;
    const more = telling ? unique(lines.filter((one) => telling.test(one))).slice(0, linesShown) : [];
    const words = (more.length > 0 ? more : [line]).map(inShort).join("; ");
    if (cause === undefined) return { cause: words, hint };
    const [, ...groups] = pattern.exec(line)!;
    return { cause: `${cause.replace("$1", groups.find((group) => group !== undefined) ?? "")}: "${words}"`, hint };
  }
  return null;
}

export const explainer =
  (...rules: readonly Rule[]): Explainer =>
  (output) =>
    explainBy(rules, output.split("\n"));

/** Without what an installer puts before each of its lines. */
export function inShort(line: string): string {
  const words = line.trim().replace(/^(ERROR:|->|WARNING:)\s*/, "");
  return words.length > lineLength ? `${words.slice(0, lineLength)}…` : words;
}

export const unique = (lines: readonly string[]): string[] => [...new Set(lines.map((line) => line.trim()))];
