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

export interface ReaderOptions {
  /** Printed on stderr before anything else. */
  announcement?: string;
  /** After so long the host itself ends it: sshd passes no signals to the commands of root. */
  timeoutMs?: number;
}

/**
 * The command that reads a script from stdin and runs it, with the rest of stdin as its own. So the script shows
 * neither in `ps` nor in a log, has no limit of length, and the login shell (fish, csh) sees one quoted word. `dd` takes
 * exactly its bytes; head and the shell's own reading may take more, depending on who wrote them.
 */
export function stdinScriptCommand(script: Buffer, { announcement, timeoutMs }: ReaderOptions = {}): string {
  const limit = timeoutMs === undefined ? "" : `timeout -k 5 ${timeoutMs / 1000} `;
  const announce = announcement === undefined ? "" : `echo ${announcement} >&2; `;
  return `${limit}sh -c '${announce}s=$(dd bs=${script.length} count=1 iflag=fullblock status=none) && eval "$s"'`;
}

/** The whole is one group: if the connection breaks before its end, it is a syntax error and nothing of it runs. */
export function wrapScript(script: string): Buffer {
  if (script.includes("\0")) throw new RangeError("a script contains a NUL");
  return Buffer.from(`{\n${script}\n}\n`);
}

export const scriptOf = (argv: readonly string[]): string => `exec ${quoteAll(argv)}`;
