const maxShownNames = 12;

/** Formats host names: `gpu[01-16].rack2.example, t4.example`. Of many that form no ranges, the first ones. */
export function formatHosts(hosts: readonly string[]): string {
  const folded = foldNames(hosts);
  const more = folded.length - maxShownNames;
  return more > 1 ? `${folded.slice(0, maxShownNames).join(", ")} and ${more} more` : folded.join(", ");
}

interface Numbered {
  name: string;
  /** With its leading zeros. */
  number: string;
}

const collator = new Intl.Collator("en", { numeric: true });

/** Compares names with numbers: gpu2 comes before gpu10. */
export const byName = (a: string, b: string): number => collator.compare(a, b);

/** Folds names into as few ranges as possible: `gpu[01-16,18-40].rack2.example`. */
export function foldNames(names: readonly string[]): string[] {
  const left = new Set(names);
  const folded: string[] = [];
  while (left.size > 0) {
    const [pattern, members] = largest(patternsOf([...left]));
    if (members.length === 1) break;
    for (const { name } of members) left.delete(name);
    folded.push(pattern.replace("*", `[${rangesOf(members)}]`));
  }
  return [...folded, ...left].sort(byName);
}

/** Maps patterns to names. A pattern is a name with `*` for one of its numbers; names do not contain `*`. */
function patternsOf(names: readonly string[]): Map<string, Numbered[]> {
  const patterns = new Map<string, Numbered[]>();
  for (const name of names) {
    const numbers = [...name.matchAll(/\d+/g)];
    const forms = numbers.map(({ 0: number, index }) => ({
      number,
      pattern: `${name.slice(0, index)}*${name.slice(index + number.length)}`,
    }));
    for (const { number, pattern } of forms.length ? forms : [{ number: "", pattern: name }]) {
      patterns.set(pattern, [...(patterns.get(pattern) ?? []), { name, number }]);
    }
  }
  return patterns;
}

const largest = (patterns: Map<string, Numbered[]>): [string, Numbered[]] =>
  [...patterns].reduce((best, one) => (one[1].length > best[1].length ? one : best));

function rangesOf(members: readonly Numbered[]): string {
  const numbers = members.map(({ number }) => number).sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1));
  const runs: string[][] = [];
  for (const number of numbers) {
    const run = runs.find((one) => continuesRun(one, number));
    if (run) run.push(number);
    else runs.push([number]);
  }
  return runs.map((run) => (run.length === 1 ? run[0]! : `${run[0]}-${run.at(-1)}`)).join(",");
}

/** 10 continues 9 and 09. But 9 does not continue 08, and 100 does not continue a range from 01. */
function continuesRun([first, ...others]: readonly string[], number: string): boolean {
  const isNext = Number(number) === Number(others.at(-1) ?? first) + 1;
  return isNext && (number.length === first!.length || ![first!, number].some((one) => one.startsWith("0")));
}
