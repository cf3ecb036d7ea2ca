import type { LabHost } from "../lab";

/** Returns the steps of the last run on a host: functions of the host library, with their arguments. The host keeps them in the job file. */
export async function recordedSteps(lab: LabHost): Promise<string[][]> {
  const job = await lab.run("cat /run/nvidia-vgpu/$(cat /run/nvidia-vgpu/lock)/job");
  // The line of a reboot begins with its reason.
  return job
    .split("\n")
    .filter((line) => /^'?(reboot_)?step'? /.test(line))
    .map(words)
    .map((all) => all.slice(all[0] === "reboot_step" ? 6 : 5));
}

/** Splits a shell line into words, and removes quotes; a quote within a word is written `'\''`. */
const words = (line: string): string[] =>
  [...line.matchAll(/((?:'[^']*'|\\'|[^\s'\\])+)/g)].map(([word]) => word.replace(/'([^']*)'|\\(')/g, "$1$2"));
