import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DriverArguments } from "../../../provider/model/desired/driver";
import { planDriver } from "../../../provider/plan/driver";
import { hostFacts } from "../../../provider/probe";
import { claimBy } from "../claim";
import { changed } from "./changed";

const capture = (name: string) => hostFacts(readFileSync(join(__dirname, "../../captures", `${name}.txt`), "utf8"));
const package550 = "NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run";
const goal = (given: object, state: "installed" | "absent" = "installed") => ({
  key: "mine",
  claim: claimBy("me"),
  kind: "driver" as const,
  state,
  arguments: DriverArguments.parse({ package: package550, reboot: "whenIdle", ...given }),
  packageOnHost: `/var/lib/nvidia-vgpu/${package550}`,
});
const bare = capture("lab-bare-iommu-off");
const idle = changed(capture("lab-l40s-full"), { virtualMachines: [], vgpus: [], "gpus/0000:3d:00.0/functions": [] });

test("each step depends on the one before it, and all are for the goal", () => {
  const { steps } = planDriver(bare, goal({ iommu: true }));
  expect(steps.length).toBeGreaterThan(5);
  steps.forEach(({ dependsOn, requestedBy: keys }, i) => {
    expect(dependsOn).toEqual(i ? [steps[i - 1]!.id] : []);
    expect(keys).toEqual(["mine"]);
  });
});

test("both reboots are marked as requiring a reboot, under each policy, and are different steps", () => {
  for (const reboot of ["never", "whenIdle"]) {
    const marked = planDriver(bare, goal({ reboot })).steps.filter(({ requiresReboot }) => requiresReboot);
    expect(marked.map(({ command }) => command[0])).toEqual(
      Array(2).fill(reboot === "never" ? "reboot_by_hand" : "reboot_when_idle"),
    );
    expect(new Set(marked.map(({ id }) => id)).size).toBe(2);
  }
});

test("exactly the steps that remove something are destructive", () => {
  const isDestructive = (run: string[]) =>
    /^(remove_mdev|clear_type|disable_vfs|unload_modules|uninstall_driver)$/.test(run[0]!);
  for (const plan of [planDriver(idle, goal({})), planDriver(idle, goal({}, "absent")), planDriver(bare, goal({}))]) {
    expect(plan.steps.length).toBeGreaterThan(0);
    for (const { command, destructive } of plan.steps) expect(destructive ?? false).toBe(isDestructive([...command]));
  }
});

test("the installer has a limit of at least 30 minutes", () => {
  const installer = planDriver(bare, goal({})).steps.find(({ command }) => command[0] === "run_installer");
  expect(installer?.limitSeconds).toBeGreaterThanOrEqual(1800);
});
