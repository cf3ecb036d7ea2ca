import type { Plan } from "../plan";
import { oneLine } from "./printable";

/** What the host still lacks, in sentences. */
export function pendingOf({ steps, blockers }: Plan): string[] {
  return sentences([...steps.map(({ does, because }) => `${because}: ${does}`), ...blockers.map(({ seen, next }) => `${stop(seen)} ${next}`)]);
}

/** What was found that is not as declared, in sentences. */
export const driftOf = ({ steps, blockers }: Plan): string[] =>
  sentences([...steps.map(({ because }) => because), ...blockers.map(({ seen }) => seen)]);

const sentences = (texts: string[]) => [...new Set(texts.filter(Boolean).map((text) => oneLine(stop(text))))];

const stop = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
