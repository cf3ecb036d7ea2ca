import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DriverArguments } from "../../../provider/model/desired/driver";
import { hostFacts } from "../../../provider/probe";
import { planDriver } from "../../../provider/plan/driver";
import { changed } from "./changed";
import { claimBy } from "../claim";

const capture = (name: string) => hostFacts(readFileSync(join(__dirname, "../../captures", `${name}.txt`), "utf8"));
const package550 = "NVIDIA-Linux-x86_64-550.163.02-vgpu-kvm.run";
const desire = (given: object, state: "installed" | "absent" = "installed") => ({
  key: "mine",
  claim: claimBy("me"),
  kind: "driver" as const,
  state,
  arguments: DriverArguments.parse({ package: package550, reboot: "whenIdle", ...given }),
  packageOnHost: `/var/lib/nvidia-vgpu/${package550}`,
});
const bare = capture("lab-bare-iommu-off");
const idle = changed(capture("lab-l40s-full"), { virtualMachines: [], vgpus: [], "gpus/0000:3d:00.0/functions": [] });

test("each step waits for the one before it, and all are for the desire", () => {
  const { steps } = planDriver(bare, desire({ iommu: true }));
  expect(steps.length).toBeGreaterThan(5);
  steps.forEach(({ after, for: keys }, i) => {
    expect(after).toEqual(i ? [steps[i - 1]!.id] : []);
    expect(keys).toEqual(["mine"]);
  });
});

test("the reboots are marked as such, whoever does them, and are two different steps", () => {
  for (const reboot of ["never", "whenIdle"]) {
    const marked = planDriver(bare, desire({ reboot })).steps.filter(({ reboots }) => reboots);
    expect(marked.map(({ run }) => run[0])).toEqual(Array(2).fill(reboot === "never" ? "reboot_by_hand" : "reboot_when_idle"));
    expect(new Set(marked.map(({ id }) => id)).size).toBe(2);
  }
});

test("what takes something away wipes, nothing else does", () => {
  const wiping = (run: string[]) => /^(remove_mdev|clear_type|disable_vfs|unload_modules|uninstall_driver)$/.test(run[0]!);
  for (const plan of [planDriver(idle, desire({})), planDriver(idle, desire({}, "absent")), planDriver(bare, desire({}))]) {
    expect(plan.steps.length).toBeGreaterThan(0);
    for (const { run, wipes } of plan.steps) expect(wipes ?? false).toBe(wiping([...run]));
  }
});

test("an installer may take its time", () => {
  const installer = planDriver(bare, desire({})).steps.find(({ run }) => run[0] === "run_installer");
  expect(installer?.limitSeconds).toBeGreaterThanOrEqual(1800);
});
