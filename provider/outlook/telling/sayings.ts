import { saidOfAll, together } from "./said-of-all";

/** What is said of some hosts. */
export interface Saying {
  hosts: string[];
  says: string;
}

/** What is said of several hosts alike is said once. */
export function sayings<T extends { host: string }>(hosts: readonly T[], textsOf: (host: T) => readonly string[]): Saying[] {
  const said = hosts.flatMap((one) => [...new Set(textsOf(one))].map((text) => ({ host: one.host, text })));
  return together(said, ({ text }) => [text]).map((alike) => ({
    hosts: [...new Set(alike.map(({ host }) => host))],
    says: saidOfAll(alike.map(({ text }) => text)),
  }));
}
