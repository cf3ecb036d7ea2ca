/**
 * One word of POSIX sh that stands for exactly this value. Always quoted: a bare `if` or `a=b` is a word too, but not
 * where a command begins.
 */
export function quote(value: string): string {
  if (value.includes("\0")) throw new RangeError("a value for the shell contains a NUL");
  // Half of a surrogate pair has no UTF-8 form, so the host would get another value than the one meant.
  if (/\p{Surrogate}/u.test(value)) throw new RangeError("a value for the shell contains half a character");
  return `'${value.replaceAll("'", "'\\''")}'`;
}

export const quoteAll = (values: readonly string[]): string => values.map(quote).join(" ");
