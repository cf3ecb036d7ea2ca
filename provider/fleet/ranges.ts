import { UserError } from "../model/errors";

const mostHosts = 10_000;

/** The hosts of a pattern, in its order: `gpu[01-03,07].rack2` is gpu01.rack2, gpu02.rack2, gpu03.rack2, gpu07.rack2. */
export function expand(pattern: string): string[] {
  const brackets = bracketsOf(pattern);
  const count = brackets
    .flatMap((part) => (typeof part === "string" ? [] : [sum(part.map(sizeOf))]))
    .reduce((a, b) => a * b, 1);
  if (count > mostHosts) throw refusal(pattern, `it stands for ${count} hosts, more than ${mostHosts}`);
  return brackets.reduce<string[]>(
    (begun, part) => {
      const ends = typeof part === "string" ? [part] : part.flatMap(numbersOf);
      return begun.flatMap((beginning) => ends.map((end) => beginning + end));
    },
    [""],
  );
}

interface Range {
  from: string;
  to: string;
}

/** Text as it is, and what stands in brackets as its ranges. */
function bracketsOf(pattern: string): (string | Range[])[] {
  return pattern.split(/(\[[^[\]]*\])/).map((part) => {
    if (part.startsWith("["))
      return part
        .slice(1, -1)
        .split(",")
        .map((range) => rangeOf(pattern, range.trim()));
    if (/[[\]]/.test(part)) throw refusal(pattern, `a bracket has no partner beside "${part}"`);
    return part;
  });
}

function rangeOf(pattern: string, text: string): Range {
  const [, from, to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text) ?? [];
  if (from === undefined || to === undefined)
    throw refusal(pattern, `[${text}] is no number and no range such as [01-40]`);
  if (Number(from) > Number(to)) throw refusal(pattern, `the range ${text} runs backwards`);
  const padded = [from, to].some((bound) => /^0\d/.test(bound));
  if (padded && from.length !== to.length) throw refusal(pattern, `${from} and ${to} are padded to different widths`);
  return { from, to };
}

const sizeOf = ({ from, to }: Range): number => Number(to) - Number(from) + 1;

const numbersOf = (range: Range): string[] =>
  Array.from({ length: sizeOf(range) }, (_, i) => String(Number(range.from) + i).padStart(range.from.length, "0"));

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

const refusal = (pattern: string, cause: string) => new UserError({ action: `read the hosts ${pattern}`, cause });
