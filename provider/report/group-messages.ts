// What tells hosts with the same plan apart, and is no reason to tell of them twice: PCI addresses, UUIDs, process ids.
const specifics =
  /\b[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\b|(?:\bGPU-)?\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|(?<=\bpid )\d+/gi;

/** A text without what is particular to one host: equal where the same is said. */
export const maskSpecifics = (text: string): string => text.replace(specifics, "…");

/** One text for several that say the same in general: "…" stands where they differ. */
export function commonText([first = "", ...others]: readonly string[]): string {
  const particulars = others.map((text) => text.match(specifics) ?? []);
  let at = 0;
  return first.replace(specifics, (found) => {
    const isSame = particulars.every((one) => one[at] === found);
    at++;
    return isSame ? found : "…";
  });
}

/** Texts that say the same in general, together; in the order in which they first come. */
export function groupAlike<T>(items: readonly T[], textsOf: (item: T) => readonly string[]): [T, ...T[]][] {
  const found = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const key = JSON.stringify(textsOf(item).map(maskSpecifics));
    const same = found.get(key);
    if (same) same.push(item);
    else found.set(key, [item]);
  }
  return [...found.values()];
}

/** What is said of some hosts. */
export interface HostMessage {
  hosts: string[];
  message: string;
}

/** What is said of several hosts alike is said once. */
export function groupMessages<T extends { host: string }>(
  hosts: readonly T[],
  textsOf: (host: T) => readonly string[],
): HostMessage[] {
  const said = hosts.flatMap((one) => [...new Set(textsOf(one))].map((text) => ({ host: one.host, text })));
  return groupAlike(said, ({ text }) => [text]).map((alike) => ({
    hosts: [...new Set(alike.map(({ host }) => host))],
    message: commonText(alike.map(({ text }) => text)),
  }));
}
