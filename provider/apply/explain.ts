import { explainInstaller } from "./explain/installer";
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
  run_installer: explainInstaller,
  uninstall_driver: explainInstaller,
  load_module: explainInstaller,
  enable_vfs: explainSriovManage,
  disable_vfs: explainSriovManage,
  cycle_vfs: explainSriovManage,
  bind_pf: explainSriovManage,
  bind_vfs: explainSriovManage,
  publish_types: explainSriovManage,
  create_mdev: explainVgpu,
  set_type: explainVgpu,
  reboot_by_hand: explainRebootByHand,
  reboot_when_idle: explainRebootWhenIdle,
};
