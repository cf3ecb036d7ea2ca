import { UserError } from "../model/errors";

const maxHosts = 10_000;

/** Returns the hosts of a pattern, in its order: `gpu[01-03,07].rack2` is gpu01.rack2, gpu02.rack2, gpu03.rack2, gpu07.rack2. */
export function expand(pattern: string): string[] {
  const parts = splitBrackets(pattern);
  const count = countOfParts(parts);
  if (count > maxHosts) throw patternError(pattern, `it means ${count} hosts, maximum is ${maxHosts}`);
  return parts.reduce<string[]>(
    (prefixes, part) => {
      const suffixes = typeof part === "string" ? [part] : part.flatMap(numbersOf);
      return prefixes.flatMap((prefix) => suffixes.map((suffix) => prefix + suffix));
    },
    [""],
  );
}

/** Returns the number of hosts of a pattern. */
export const countOf = (pattern: string): number => countOfParts(splitBrackets(pattern));

const countOfParts = (parts: (string | Range[])[]): number =>
  parts.flatMap((part) => (typeof part === "string" ? [] : [sum(part.map(sizeOf))])).reduce((a, b) => a * b, 1);

interface Range {
  from: string;
  to: string;
}

/** Splits a pattern into plain text and the ranges of its brackets. */
function splitBrackets(pattern: string): (string | Range[])[] {
  return pattern.split(/(\[[^[\]]*\])/).map((part) => {
    if (part.startsWith("["))
      return part
        .slice(1, -1)
        .split(",")
        .map((range) => parseRange(pattern, range.trim()));
    if (/[[\]]/.test(part)) throw patternError(pattern, `unmatched bracket in "${part}"`);
    return part;
  });
}

function parseRange(pattern: string, text: string): Range {
  const [, from, to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text) ?? [];
  if (from === undefined || to === undefined)
    throw patternError(pattern, `[${text}] is not a number or a range such as [01-40]`);
  if (Number(from) > Number(to)) throw patternError(pattern, `the range ${text} is descending`);
  const padded = [from, to].some((bound) => /^0\d/.test(bound));
  if (padded && from.length !== to.length)
    throw patternError(pattern, `${from} and ${to} have different numbers of digits`);
  return { from, to };
}

const sizeOf = ({ from, to }: Range): number => Number(to) - Number(from) + 1;

const numbersOf = (range: Range): string[] =>
  Array.from({ length: sizeOf(range) }, (_, i) => String(Number(range.from) + i).padStart(range.from.length, "0"));

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

const patternError = (pattern: string, cause: string) => new UserError({ action: `read the hosts ${pattern}`, cause });
