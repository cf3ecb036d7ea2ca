import { distance } from "fastest-levenshtein";

/** Returns the candidate that is most similar. Of two that are equally so, the one with the same first letter. */
export function closestMatch(given: string, candidates: string[]): string | undefined {
  const distanceTo = (word: string) => distance(given.toLowerCase(), word.toLowerCase());
  const startsAlike = (word: string) => word[0]?.toLowerCase() === given[0]?.toLowerCase();
  const [near] = candidates
    .map((word) => ({ word, far: distanceTo(word) }))
    .sort((a, b) => a.far - b.far || Number(startsAlike(b.word)) - Number(startsAlike(a.word)));
  return near && near.far <= Math.max(1, given.length / 3) ? near.word : undefined;
}

/** Returns the host with the most similar name, but not one that differs in its number only. */
export function closestHost(given: string, hosts: string[]): string | undefined {
  const shortName = (host: string) => host.split(".")[0];
  const withoutNumbers = (host: string) => host.replace(/\d+/g, "");
  const near = hosts.find((host) => shortName(host) === shortName(given)) ?? closestMatch(given, hosts);
  return near !== undefined && withoutNumbers(near) === withoutNumbers(given) ? undefined : near;
}

export const didYouMean = (word: string | undefined): string | undefined =>
  word === undefined ? undefined : `did you mean ${word}?`;
