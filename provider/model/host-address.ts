/** `[::1]` or `::1` with a zone, as ssh and URLs write it. */
const ipv6 = String.raw`[\da-f]*:[\da-f:.]*:[\da-f:.]*(?:%[\w.-]+)?`;

const parts = new RegExp(
  `^(?<scheme>ssh://)?(?:(?<user>[^@\\s]+)@)?(?:\\[(?<bracketed>${ipv6})\\]|(?<bare>${ipv6})|(?<name>[^:@/\\s[\\]]+))(?::(?<port>\\d+))?/?$`,
  "i",
);

export interface HostAddress {
  host: string;
  user?: string;
  port?: number;
}

/** Parses `host`, `user@host:port`, `[::1]:22` and `ssh://user@host:port`. Returns undefined for another text. */
export function parseHostAddress(text: string): HostAddress | undefined {
  const { user, bracketed, bare, name, port } = parts.exec(text)?.groups ?? {};
  const host = bracketed ?? bare ?? name;
  if (host === undefined) return undefined;
  return { host, ...(user !== undefined && { user }), ...(port !== undefined && { port: Number(port) }) };
}

/** Returns the address without the brackets of IPv6. */
export const withoutBrackets = (host: string): string => /^\[(.*)\]$/.exec(host)?.[1] ?? host;

/** Returns what is wrong with the text of a host that has more than its name or address, or undefined. */
export function hostMistake(text: string): string | undefined {
  const address = parseHostAddress(text);
  if (!address) return undefined;
  const { host, user, port } = address;
  if (host === withoutBrackets(text)) return undefined;
  const settings = [`host: ${host}`, user && `user: ${user}`, port && `port: ${port}`].filter(Boolean);
  return `this has more than a name or address; set ${settings.join(", ")} in connection`;
}
