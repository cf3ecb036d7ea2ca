// Differs between hosts with the same plan: PCI addresses, UUIDs, process ids.
const specifics =
  /\b[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\b|(?:\bGPU-)?\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|(?<=\bpid )\d+/gi;

/** Replaces addresses, UUIDs and process ids, so that equal messages of different hosts are equal texts. */
export const maskSpecifics = (text: string): string => text.replace(specifics, "…");

/** Returns one text for several that differ in such specifics only, with "…" where they differ. */
export function commonText([first = "", ...others]: readonly string[]): string {
  const othersSpecifics = others.map((text) => text.match(specifics) ?? []);
  let at = 0;
  return first.replace(specifics, (found) => {
    const isSame = othersSpecifics.every((matches) => matches[at] === found);
    at++;
    return isSame ? found : "…";
  });
}

/** Groups items of which the texts differ in specifics only, in the order of their first items. */
export function groupAlike<T>(items: readonly T[], textsOf: (item: T) => readonly string[]): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const key = JSON.stringify(textsOf(item).map(maskSpecifics));
    const same = groups.get(key);
    if (same) same.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()];
}
