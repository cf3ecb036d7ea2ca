import { describe, expect, test } from "vitest";
import type { StepRun } from "../../provider/apply";
import { stepError } from "../../provider/host/failure";
import { call } from "../apply/local-run";

const host = "root@gpu01";
const ran = (run: string[], more: Partial<StepRun> = {}): StepRun => ({
  step: call(run, { title: `run ${run[0]}` }),
  result: "done",
  seconds: 1,
  output: "",
  lines: [],
  ended: "0",
  ...more,
});
const failing = (run: string[], line: string, more: Partial<StepRun> = {}) =>
  ran(run, { result: "failed", ended: "1", lines: [line], ...more });
const isRollback = true;

const driver = ran(["restore_driver", "550.163.02", "nvidia"], { isRollback });
const service = ran(["start_service", "nvidia-vgpu-mgr"], { isRollback });
const functions = ["0000:41:00.0", "0000:c1:00.0"].map((gpu) => ran(["enable_vfs", gpu, "32"], { isRollback }));
const vgpus = [
  ran(["restore_mdev", "uuid", "0000:41:00.4", "560"], { isRollback }),
  ran(["restore_type", "0000:c1:00.4", "1155"], { isRollback }),
];
const installer = failing(["run_installer"], "ERROR: Unable to load the 'nvidia-vgpu-vfio' kernel module.");
const message = (...runs: StepRun[]) => stepError(runs, runs, host)!.message;

describe("a driver that could not be installed", () => {
  test("is the error, with what was restored", () => {
    const said = message(
      ran(["check_package"]),
      installer,
      driver,
      service,
      ...functions,
      ...vgpus,
      ran(["mark_reboot"], { result: "skipped" }),
    );
    expect(said).toMatch(
      /^Could not run run_installer on root@gpu01: .*Unable to load the 'nvidia-vgpu-vfio' kernel module\."/,
    );
    expect(said).toContain(" Restored: the driver 550.163.02, 64 virtual functions and 2 vGPUs. ");
  });

  test("is the error also when a step before it failed", () => {
    expect(
      message(failing(["disable_vfs"], "a VM runs"), ran(["run_installer"], { result: "skipped" }), driver, vgpus[0]!),
    ).toMatch(/^Could not run disable_vfs on root@gpu01: a VM runs\. Restored: the driver 550\.163\.02 and 1 vGPU\. /);
  });

  test("is the error, with what could not be restored", () => {
    const refused = failing(["restore_mdev"], "the driver refuses type 560", { isRollback });
    expect(message(installer, driver, ...functions, refused)).toContain(
      "Restored: the driver 550.163.02 and 64 virtual functions, but not everything: Could not run restore_mdev on root@gpu01: the driver refuses type 560.",
    );
    const gone = failing(["restore_driver", "550.163.02"], "the installer removed 550.163.02", { isRollback });
    expect(message(installer, gone)).toContain(
      "Could not run restore_driver on root@gpu01: the installer removed 550.163.02.",
    );
  });
});
