import { UserError } from "../model/errors";
import { seconds } from "../model/text";
import { explainAnyStep, tellingKinds } from "./explain/common";
import { explainInstaller } from "./explain/installer";
import { explainKernelWords } from "./explain/kernel-words";
import { explainPackages } from "./explain/packages";
import { explainRebootByHand, explainRebootWhenIdle } from "./explain/reboot";
import { inShort, linesShown, unique } from "./explain/rule";
import { explainSriovManage } from "./explain/sriov-manage";
import { explainVgpu } from "./explain/vgpu";
import type { StepRun } from "./run-log";

/** The cause of a failure in a sentence, and the way out, when a program's output tells them. */
export interface Explanation {
  /** What could not be done, where the step's own words do not say it well. */
  action?: string;
  cause: string;
  hint: string;
}

export type Explainer = (output: string) => Explanation | null;

/** Who can read what a function of the library printed. */
export const explainers: Readonly<Record<string, Explainer>> = {
  check_package: explainInstaller,
  prove_package: explainInstaller,
  run_installer: explainInstaller,
  uninstall_driver: explainInstaller,
  load_module: explainInstaller,
  restore_driver: explainInstaller,
  enable_vfs: explainSriovManage,
  disable_vfs: explainSriovManage,
  cycle_vfs: explainSriovManage,
  bind_pf: explainSriovManage,
  bind_vfs: explainSriovManage,
  publish_types: explainSriovManage,
  create_mdev: explainVgpu,
  set_type: explainVgpu,
  install_packages: explainPackages,
  restore_mdev: explainVgpu,
  restore_type: explainVgpu,
  set_kernel_words: explainKernelWords,
  restore_kernel_words: explainKernelWords,
  reboot_by_hand: explainRebootByHand,
  reboot_when_idle: explainRebootWhenIdle,
};

/** Why a step failed, by what it printed: asked is who knows its function, then who knows what any step may run into. */
export function explain(name: string, lines: readonly string[]): Explanation | null {
  const output = lines.join("\n");
  return explainers[name]?.(output) ?? explainAnyStep(output);
}

/** Why a step did not do what it should. */
export function stepFailure({ step, ended, lines }: StepRun, host: string): UserError {
  const known = ended === "late" ? null : explain(step.command[0]!, lines);
  const { action = step.title, cause, hint }: Explanation = known ?? byItsEnd(step.limitSeconds, ended, lines);
  return new UserError({ action, host, device: step.device, cause, hint });
}

/** Returns the error for a host that was rebooted and could not be reached within the limit. */
export function rebootTimedOut(host: string, limitSeconds: number, cause: string): UserError {
  return new UserError({
    action: "see the host come back from its reboot",
    host,
    cause: `waited ${seconds(limitSeconds)}; ${cause}`,
    hint: "Look at its console (BMC). Once it is up, run it again: it goes on from there.",
  });
}

/** Functions of the library end with the most telling line. */
function byItsEnd(
  limitSeconds: number,
  ended: string | undefined,
  lines: readonly string[],
): { cause: string; hint: string } {
  const last = lines.at(-1)?.trim();
  if (ended === undefined) {
    return {
      cause: `it was ended on the host before it was done${last ? ` (${last})` : ""}`,
      hint: "Run it again: it goes on from what is there.",
    };
  }
  if (ended === "late") {
    return {
      cause: `it had not ended after ${limitSeconds} s and was stopped${last ? `; the last it printed was: ${last}` : ""}`,
      hint: "Look on the host what it waits for (dmesg, journalctl), then run it again.",
    };
  }
  const cause =
    last === undefined
      ? `it ended with ${ended} and said nothing`
      : [last.replace(/\.$/, ""), ...telling(lines.slice(0, -1))].join("; ");
  return { cause, hint: "Put that right and run it again: what is done stays." };
}

/** Lines before the last that say why: of the first kind that was printed. */
function telling(lines: readonly string[]): string[] {
  const ofKinds = tellingKinds.map((kind) => unique(lines.filter((line) => kind.test(line))));
  return (ofKinds.find((found) => found.length > 0) ?? []).slice(-linesShown).map(inShort);
}
