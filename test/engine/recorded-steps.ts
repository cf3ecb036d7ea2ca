import type { LabHost } from "../lab";

/** What the last run on a host was to do: functions of the host library, with their arguments. The host itself keeps it. */
export async function recordedSteps(lab: LabHost): Promise<string[][]> {
  const job = await lab.run("cat /run/nvidia-vgpu/$(cat /run/nvidia-vgpu/lock)/job");
  // A reboot has its reason in front.
  return job
    .split("\n")
    .filter((line) => /^'?(reboot_)?step'? /.test(line))
    .map(words)
    .map((all) => all.slice(all[0] === "reboot_step" ? 6 : 5));
}

/** Of a line in which words with blanks or other characters of the shell are quoted; a quote within one is written `'\''`. */
const words = (line: string): string[] =>
  [...line.matchAll(/((?:'[^']*'|\\'|[^\s'\\])+)/g)].map(([word]) => word.replace(/'([^']*)'|\\(')/g, "$1$2"));
