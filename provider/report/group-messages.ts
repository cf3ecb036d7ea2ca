import { commonText, groupAlike } from "../model/alike";

/** A message, and the hosts that have it. */
export interface HostMessage {
  hosts: string[];
  message: string;
}

/** Returns each message once, with all its hosts. */
export function groupMessages<T extends { host: string }>(
  hosts: readonly T[],
  textsOf: (host: T) => readonly string[],
): HostMessage[] {
  const messages = hosts.flatMap((one) => [...new Set(textsOf(one))].map((text) => ({ host: one.host, text })));
  return groupAlike(messages, ({ text }) => [text]).map((group) => ({
    hosts: [...new Set(group.map(({ host }) => host))],
    message: commonText(group.map(({ text }) => text)),
  }));
}

/** Hosts with the same texts. */
interface GroupedHosts<T> {
  hosts: string[];
  /** "…" replaces specifics that differ. */
  texts: string[];
  first: T;
}

/** Groups hosts with the same texts, and merges the texts of each group. */
export function groupHosts<T extends { host: string }>(
  hosts: readonly T[],
  textsOf: (host: T) => readonly string[],
): GroupedHosts<T>[] {
  return groupAlike(hosts, textsOf).map((group) => {
    const all = group.map(textsOf);
    return {
      hosts: group.map(({ host }) => host),
      texts: all[0]!.map((_, i) => commonText(all.map((texts) => texts[i]!))),
      first: group[0],
    };
  });
}
