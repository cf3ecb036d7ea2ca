import { distance } from "fastest-levenshtein";

/** The word that somebody most likely meant who wrote another one. */
export function meant(written: string, candidates: string[]): string | undefined {
  const far = (word: string) => distance(written.toLowerCase(), word.toLowerCase());
  const [near] = candidates.map((word) => ({ word, far: far(word) })).sort((a, b) => a.far - b.far);
  return near && near.far <= Math.max(1, written.length / 3) ? near.word : undefined;
}

/** The host that was meant; a number that does not exist is not taken for another. */
export function meantHost(written: string, hosts: string[]): string | undefined {
  const shortly = (host: string) => host.split(".")[0];
  const unnumbered = (host: string) => host.replace(/\d+/g, "");
  const near = hosts.find((host) => shortly(host) === shortly(written)) ?? meant(written, hosts);
  return near !== undefined && unnumbered(near) === unnumbered(written) ? undefined : near;
}

export const didYouMean = (word: string | undefined): string | undefined => (word === undefined ? undefined : `did you mean ${word}?`);
