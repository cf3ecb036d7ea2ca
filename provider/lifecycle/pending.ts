import type { Outcome } from "../host";
import { UserError } from "../model/errors";
import { sanitizeLine, sentence } from "../model/text";
import type { Plan, Step } from "../plan";
import { notCreatedYet } from "../plan/vgpu";

/** Returns the steps and blockers that are left, in sentences. */
export function pendingOf({ steps, blockers }: Plan): string[] {
  return sentences([...steps.map(withReason), ...blockers.map(({ reason, hint }) => `${sentence(reason)} ${hint}`)]);
}

/** Returns how the host differs from what was declared, in sentences. */
export const driftOf = ({ steps, blockers }: Plan): string[] =>
  sentences([
    ...steps.map((one) => (one.reason === notCreatedYet ? withReason(one) : one.reason)),
    ...blockers.map(({ reason }) => reason),
  ]);

/** Returns the failure of an outcome. Steps that are left without an error are a failure, too. */
export function failureOf({ failure, remaining }: Outcome, action: string, host: string): UserError | undefined {
  if (failure) return failure;
  const left = pendingOf(remaining);
  return left.length > 0 ? new UserError({ action, host, cause: left.join(" ") }) : undefined;
}

const withReason = ({ title, reason }: Step) => `${reason}: ${title}`;

const sentences = (texts: string[]) => [...new Set(texts.filter(Boolean).map((text) => sanitizeLine(sentence(text))))];
