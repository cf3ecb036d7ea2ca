import type { Explanation } from "../explain";

const lastLine = (output: string) => output.trim().split("\n").at(-1)!.trim();

/** The policy "never" ends here, with the reason for the reboot. */
export function explainRebootByHand(output: string): Explanation | null {
  const seen = lastLine(output);
  return seen ? { tried: "finish without a reboot", seen, next: byHand } : null;
}

const byHand = '`reboot` is "never": reboot the host yourself, then run pulumi up again.';

/** What forbids the reboot is in the last line; after "rebooting" it was not forbidden. */
export function explainRebootWhenIdle(output: string): Explanation | null {
  const seen = lastLine(output);
  if (!seen || seen.startsWith("rebooting: ")) return null;
  return { tried: "reboot the host", seen, next: "Run pulumi up again when nothing forbids it any more." };
}
