import { homedir, userInfo } from "node:os";

export interface Tokens {
  name: string;
  host: string;
  user: string;
  port: number;
}

/** Expands what ssh_config(5) lists under TOKENS, and `${VARIABLE}`. */
export function expandTokens(text: string, { name, host, user, port }: Tokens): string {
  const tokens: Record<string, () => string> = {
    "%": () => "%",
    d: homedir,
    h: () => host,
    n: () => name,
    p: () => String(port),
    r: () => user,
    u: () => userInfo().username,
  };
  return text
    .replace(/%(.)/g, (all, token: string) => tokens[token]?.() ?? all)
    .replace(/\$\{(\w+)\}/g, (all, variable: string) => process.env[variable] ?? all);
}
