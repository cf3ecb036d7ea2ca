/** Options of ssh without an argument that do not change where a forwarding leads. */
const harmless = /^-[46ACNTaknqtvx]+$/;

/**
 * Returns the jump host of a ProxyCommand that only forwards, such as `ssh -q -W %h:%p ops@bastion`, in the form of ProxyJump. Undefined
 * for any other command: what it does is not known.
 */
export function jumpOfCommand(command: string): string | undefined {
  const [program, ...words] = command
    .replace(/^exec\s+/, "")
    .replace(/\s+2>\s*\/dev\/null$/, "")
    .split(/\s+/);
  if (!/^(.*\/)?ssh$/.test(program!)) return undefined;
  const options = new Map<string, string>();
  let jump: string | undefined;
  while (words.length > 0) {
    const word = words.shift()!;
    const [, option, attached] = /^(-[Wlp])(.*)$/.exec(word) ?? [];
    if (option) options.set(option, attached || (words.shift() ?? ""));
    else if (!word.startsWith("-") && jump === undefined) jump = word;
    else if (!harmless.test(word)) return undefined;
  }
  if (jump === undefined || !/^\[?%h\]?:%p$/.test(options.get("-W") ?? "")) return undefined;
  const [user, port] = [options.get("-l"), options.get("-p")];
  return `${user === undefined ? "" : `${user}@`}${jump}${port === undefined ? "" : `:${port}`}`;
}
