/** `[::1]` or `::1` with a zone, as ssh and URLs write it. */
const ipv6 = String.raw`[\da-f]*:[\da-f:.]*:[\da-f:.]*(?:%(?!25)[\w.-]+)?`;
/** Names of machines, also with letters of other scripts. */
const hostName = String.raw`[\p{L}\p{M}\p{N}._-]+`;

const parts = new RegExp(
  `^(?<scheme>ssh://)?(?:(?<user>[^@\\s]+)@)?(?:\\[(?<bracketed>${ipv6}|${hostName})\\]|(?<bare>${ipv6})|(?<name>${hostName}))(?::(?<port>\\d+))?/?$`,
  "iu",
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
  if (!address) return "this is no name or address of one host, such as gpu01.example, 10.0.0.1 or fe80::1%eth0";
  const { host, user, port } = address;
  if (host === withoutBrackets(text)) return undefined;
  // What follows a colon is a password, which is not repeated.
  const [name, password] = user?.split(":") ?? [];
  const settings = [
    `host: ${host}`,
    name && `user: ${name}`,
    password !== undefined && "password",
    port && `port: ${port}`,
  ].filter(Boolean);
  return `this has more than a name or address; set ${settings.join(", ")} in connection`;
}
