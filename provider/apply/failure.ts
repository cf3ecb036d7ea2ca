import { UserError } from "../model/errors";
import { seconds, withoutFullStop } from "../model/text";
import {
  explainAnyStep,
  explainBuild,
  explainInstaller,
  explainMig,
  explainModules,
  explainPackages,
  explainSriovManage,
  explainVgpu,
} from "./explain/explainers";
import { explainRebootByHand, explainRebootWhenIdle } from "./explain/reboot";
import type { Explainer, Explanation } from "./explain/rule";
import { shortened } from "./explain/rule";
import { tellingLines } from "./explain/telling-lines";
import type { StepRun } from "./run-log";

/** The explainers of functions of the library. */
export const explainers: Readonly<Record<string, Explainer>> = {
  check_package: explainInstaller,
  prove_package: explainInstaller,
  run_installer: explainInstaller,
  uninstall_driver: explainInstaller,
  build_with_dkms: explainBuild,
  load_module: explainModules,
  restore_driver: explainModules,
  enable_vfs: explainSriovManage,
  disable_vfs: explainSriovManage,
  cycle_vfs: explainSriovManage,
  bind_pf: explainSriovManage,
  bind_vfs: explainSriovManage,
  publish_types: explainSriovManage,
  set_mig_mode: explainMig,
  set_mixed_sizes: explainMig,
  create_gpu_instance: explainMig,
  destroy_gpu_instance: explainMig,
  create_mdev: explainVgpu,
  set_type: explainVgpu,
  install_packages: explainPackages,
  restore_mdev: explainVgpu,
  restore_type: explainVgpu,
  reboot_by_hand: explainRebootByHand,
  reboot_when_idle: explainRebootWhenIdle,
};

/** Explains a failure by its output: first by the rules of the function, then by those of any step. */
export function explain(name: string, lines: readonly string[]): Explanation | null {
  const output = lines.join("\n");
  return explainers[name]?.(output) ?? explainAnyStep(output);
}

/** Returns the error of a step that failed. */
export function stepFailure({ step, ended, lines }: StepRun, host: string): UserError {
  const known = ended === "late" ? null : explain(step.command[0]!, lines);
  const { action = step.title, cause, hint }: Explanation = known ?? explainByExit(step.limitSeconds, ended, lines);
  return new UserError({ action, host, device: step.device, cause, hint });
}

/** Returns the error for a host that was rebooted and could not be reached within the limit. */
export function rebootTimedOut(host: string, limitSeconds: number, cause: string): UserError {
  return new UserError({
    action: "reach the host after its reboot",
    host,
    cause: `waited ${seconds(limitSeconds)}; ${cause}`,
    hint: "Check its console (BMC). When the host is up, run it again: it continues from there.",
  });
}

/** Explains a failure by the exit code and the last line: functions of the library print the most important line last. */
function explainByExit(
  limitSeconds: number,
  ended: string | undefined,
  lines: readonly string[],
): { cause: string; hint: string } {
  const last = lines.at(-1)?.trim();
  if (ended === undefined) {
    return {
      cause: `it was stopped on the host before it was done${last ? ` (${last})` : ""}`,
      hint: "Run it again: it continues from the current state.",
    };
  }
  if (ended === "late") {
    return {
      cause: `it did not end within ${limitSeconds} s and was stopped${last ? `; its last output: ${last}` : ""}`,
      hint: "Check on the host what it waits for (dmesg, the log of the system), then run it again.",
    };
  }
  const cause =
    last === undefined
      ? `it exited with ${ended} and printed nothing`
      : [withoutFullStop(shortened(last)), ...tellingLines(lines.slice(0, -1))].join("; ");
  return { cause, hint: "Fix that and run it again: completed steps are kept." };
}
