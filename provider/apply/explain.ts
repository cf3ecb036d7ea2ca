import { explainAnyStep } from "./explain/common";
import { explainInstaller } from "./explain/installer";
import { explainKernelWords } from "./explain/kernel-words";
import { explainPackages } from "./explain/packages";
import { explainRebootByHand, explainRebootWhenIdle } from "./explain/reboot";
import { explainSriovManage } from "./explain/sriov-manage";
import { explainVgpu } from "./explain/vgpu";

/** The cause of a failure in a sentence, and the way out, when a program's output tells them. */
export interface Explanation {
  /** What could not be done, where the step's own words do not say it well. */
  tried?: string;
  seen: string;
  next: string;
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
