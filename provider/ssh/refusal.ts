/** Explains a text that a login shell, sudo or sshd prints instead of running our command. */
export interface Refusal {
  pattern: RegExp;
  cause: string;
  /** `found` is the match of the pattern. */
  hint: (user: string, found: RegExpExecArray) => string;
}

export interface Explanation {
  cause: string;
  hint: string;
}

/** Returns what the first rule that fits says about a text, with the text quoted. Specific rules come before general ones. */
export function explain(rules: readonly Refusal[], printed: string, user: string): Explanation | undefined {
  for (const { pattern, cause, hint } of rules) {
    const found = pattern.exec(printed);
    if (found) return { cause: `${cause} (${quoted(printed)})`, hint: hint(user, found) };
  }
  return undefined;
}

const maxQuoted = 300;

/** Returns a text on one line. Of a long text the end remains: the reason comes after the greeting. */
export function quoted(printed: string): string {
  const lines = printed
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const text = lines.join("; ");
  return text.length > maxQuoted ? `…${text.slice(-maxQuoted)}` : text;
}
