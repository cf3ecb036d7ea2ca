/**
 * Returns a word of POSIX sh with exactly this value. It is always quoted: a bare `if` or `a=b` has another meaning where a command
 * begins.
 */
export function quote(value: string): string {
  if (value.includes("\0")) throw new RangeError("a value for the shell contains a NUL");
  // Half of a surrogate pair has no UTF-8 form, so the host would get another value.
  if (/\p{Surrogate}/u.test(value)) throw new RangeError("a value for the shell contains half a character");
  return `'${value.replaceAll("'", "'\\''")}'`;
}

export const quoteAll = (values: readonly string[]): string => values.map(quote).join(" ");

/** Returns a word of sh with this value that does not contain it: a shell that traces its commands must not look like their output. */
export const disguised = (word: string): string => `${word.slice(0, 4)}""${word.slice(4)}`;

export interface StdinScriptOptions {
  /** Printed on both streams before anything else: what start files of the shell printed comes before it. */
  announcement: string;
  /** The host itself ends the command after this time: sshd passes no signals to commands of root. */
  timeoutMs?: number;
}

/**
 * Returns the command that reads a script from stdin and runs it, with the rest of stdin as the script's input. So the script appears
 * neither in `ps` nor in a log, has no length limit, and the login shell (fish, csh) gets one quoted word. `dd` reads exactly its
 * bytes; head and the shell's own `read` may read more, depending on the implementation.
 */
export function stdinScriptCommand(script: Buffer, { announcement, timeoutMs }: StdinScriptOptions): string {
  const limit = timeoutMs === undefined ? "" : `timeout -k 5 ${timeoutMs / 1000} `;
  const announce = `echo ${disguised(announcement)}; echo ${disguised(announcement)} >&2`;
  return `${limit}sh -c '${announce}; s=$(dd bs=${script.length} count=1 iflag=fullblock status=none) && eval "$s"'`;
}

/** Wraps a script in one group: if the connection breaks before its end, it is a syntax error and none of it runs. */
export function wrapScript(script: string): Buffer {
  if (script.includes("\0")) throw new RangeError("a script contains a NUL");
  return Buffer.from(`{\n${script}\n}\n`);
}

export const scriptOf = (argv: readonly string[]): string => `exec ${quoteAll(argv)}`;
