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
  /** The first line counts: the others are its consequences. Left out: the last one, since earlier ones were retried. */
  isFirst?: true;
  /** Applies only where no rule does that names a cause. */
  isCommon?: true;
}

export const linesShown = 3;
const lineLength = 240;

/** Explains a failure by the first rule that matches a line. */
export function explainBy(rules: readonly Rule[], lines: readonly string[]): Explanation | null {
  for (const rule of rules) {
    const line = lines.filter((one) => rule.line.test(one)).at(rule.isFirst ? 0 : -1);
    if (line === undefined) continue;
    const words = shownLines(rule, line, lines).map(shortened).join("; ");
    if (rule.cause === undefined) return { cause: words, hint: rule.hint };
    const [, ...groups] = rule.line.exec(line)!;
    const cause = rule.cause.replace("$1", groups.find((group) => group !== undefined) ?? "");
    return { cause: `${cause}: "${words}"`, hint: rule.hint };
  }
  return null;
}

/** Returns the lines that say most, always with the recognised one if it is of their kind. */
function shownLines({ details }: Rule, line: string, lines: readonly string[]): string[] {
  const more = details ? unique(lines.filter((one) => details.test(one))) : [];
  if (!more.length) return [line];
  const shown = more.slice(0, linesShown);
  return details!.test(line) && !shown.includes(line.trim()) ? [...shown.slice(0, -1), line] : shown;
}

/** Returns a line without the prefixes of programs and of the kernel's log, and not longer than the limit. Of a paragraph, the first sentence. */
export function shortened(line: string): string {
  const words = line
    .trim()
    .replace(/^\[\s*\d+\.\d+\]\s*/, "")
    .replace(/^(ERROR:|->|WARNING:)\s*/, "");
  const sentence =
    /^(.*?[.!])(?:\s{2,}|\s(?=Please |You may |This happens ))\S/.exec(words)?.[1]?.replace(/\.$/, "") ?? words;
  return sentence.length > lineLength ? `${sentence.slice(0, lineLength)}…` : sentence;
}

export const unique = (lines: readonly string[]): string[] => [...new Set(lines.map((line) => line.trim()))];
