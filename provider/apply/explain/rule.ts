/** The cause of a failure and the advice, where the output of a program shows them. */
export interface Explanation {
  /** What could not be done, if the title of the step does not express it well. */
  action?: string;
  cause: string;
  hint: string;
}

export type Explainer = (output: string) => Explanation | null;

/** The meaning of a line of output. */
export interface Rule {
  /** Matches one line of the output. */
  line: RegExp;
  /** `$1` is replaced by the first group that matched. Without a cause, the line itself is the cause. */
  cause?: string;
  hint: string;
  /** Matches lines that are shown instead of the one that was recognised, because they say more. */
  details?: RegExp;
}

export const linesShown = 3;
const lineLength = 240;

/** Explains a failure by the first rule that matches a line. The last such line counts: earlier ones were retried. */
export function explainBy(rules: readonly Rule[], lines: readonly string[]): Explanation | null {
  for (const { line: pattern, cause, hint, details } of rules) {
    const line = lines.filter((one) => pattern.test(one)).at(-1);
    if (line === undefined) continue;
    const more = details ? unique(lines.filter((one) => details.test(one))).slice(0, linesShown) : [];
    const words = (more.length > 0 ? more : [line]).map(shortened).join("; ");
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

/** Returns a line without the prefixes of installers, and not longer than the limit. */
export function shortened(line: string): string {
  const words = line.trim().replace(/^(ERROR:|->|WARNING:)\s*/, "");
  return words.length > lineLength ? `${words.slice(0, lineLength)}…` : words;
}

export const unique = (lines: readonly string[]): string[] => [...new Set(lines.map((line) => line.trim()))];
