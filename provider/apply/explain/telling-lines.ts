import { linesShown, shortened, unique } from "./rule";

/**
 * Patterns of lines that are likely to give the reason where no rule applies: processes, messages of the kernel and its drivers, errors
 * of compilers and package managers, other words of failure. The first pattern that matches any line counts.
 */
const patterns: readonly RegExp[] = [
  /\(pid \d+/,
  /\b(?:NVRM|DMAR|AMD-Vi|nvidia-vgpu-vfio|nouveau)\b.*:/,
  /\berror:|^(?:E|Error|ERROR): |^Error! /,
  /\b(?:failed|failure|cannot|unable to|refused|denied|not found|no such)\b/i,
];

/** Returns the lines that give the reason of a failure, where none is explained: those of the first pattern that matches any. */
export function tellingLines(lines: readonly string[]): string[] {
  const ofKinds = patterns.map((pattern) => unique(lines.filter((line) => pattern.test(line))));
  return (ofKinds.find((found) => found.length > 0) ?? []).slice(-linesShown).map(shortened);
}
