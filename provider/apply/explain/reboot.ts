import type { Explanation } from "./rule";

const lastLine = (output: string) => output.trim().split("\n").at(-1)!.trim();

/** Explains the end of a run by the policy "never", with the reason for the reboot. */
export function explainRebootByHand(output: string): Explanation | null {
  const cause = lastLine(output);
  return cause ? { action: "finish without a reboot", cause, hint: byHand } : null;
}

const byHand = '`reboot` is "never": reboot the host yourself, then run pulumi up again.';

/** Explains what prevented the reboot, by the last line. After "rebooting" nothing did. */
export function explainRebootWhenIdle(output: string): Explanation | null {
  const cause = lastLine(output);
  if (!cause || cause.startsWith("rebooting: ")) return null;
  return { action: "reboot the host", cause, hint: "Run pulumi up again when nothing prevents it any more." };
}
