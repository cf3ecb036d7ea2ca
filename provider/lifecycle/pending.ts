import type { Outcome } from "../host";
import { UserError } from "../model/errors";
import { sentence } from "../model/sentence";
import type { Plan, Step } from "../plan";
import { neverMade } from "../plan/vgpu";
import { oneLine } from "./printable";

/** What the host still lacks, in sentences. */
export function pendingOf({ steps, blockers }: Plan): string[] {
  return sentences([...steps.map(withReason), ...blockers.map(({ seen, next }) => `${sentence(seen)} ${next}`)]);
}

/** What was found that is not as declared, in sentences. */
export const driftOf = ({ steps, blockers }: Plan): string[] =>
  sentences([...steps.map((one) => (one.because === neverMade ? withReason(one) : one.because)), ...blockers.map(({ seen }) => seen)]);

/** Why something did not come true; work that is left over without a word is a reason too. */
export function failureOf({ failure, remaining }: Outcome, tried: string, host: string): UserError | undefined {
  if (failure) return failure;
  const left = pendingOf(remaining);
  return left.length > 0 ? new UserError({ tried, host, seen: left.join(" ") }) : undefined;
}

const withReason = ({ does, because }: Step) => `${because}: ${does}`;

const sentences = (texts: string[]) => [...new Set(texts.filter(Boolean).map((text) => oneLine(sentence(text))))];
