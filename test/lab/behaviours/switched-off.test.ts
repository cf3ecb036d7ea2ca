import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { LabHost } from "..";
import { up } from "..";
import type { Behaviour } from "./behaviour";
import { enableVfs, pci } from "./devices";
import { A40, mdev } from "./mdev";
import { sriov } from "./sriov";
import { verification } from "./verification";

/**
 * A check that cannot fail proves nothing. Here behaviours of the host are disabled, one at a time, and their checks
 * must fail.
 */
describe("checks of disabled behaviours", () => {
  let lab: LabHost;
  beforeAll(async () => {
    lab = await up({ cards: "T4@0000:3b,A40@0000:41,A10@0001:c8,RTXA5000@0000:c4", state: "ready" });
  });
  afterEach(() => lab.reset());
  afterAll(() => lab?.down());

  const check = (behaviours: Behaviour[], id: string): Promise<void> => behaviours.find((b) => b.id === id)!.check(lab);

  test("the check of B31 fails on a driver that accepts raw writes to sriov_numvfs", async () => {
    await lab.run(
      `modprobe pci-pf-stub && echo ${A40} > /sys/bus/pci/drivers/nvidia/unbind && echo pci-pf-stub > ${pci(A40)}/driver_override && echo ${A40} > /sys/bus/pci/drivers/pci-pf-stub/bind`,
    );
    await expect(check(sriov, "B31")).rejects.toThrow(/No such file or directory/);
  });

  test("the check of B33 fails if sriov-manage does not report enabled VFs", async () => {
    await lab.run("sed -i 's/already has VFs enabled/was seen to/' /usr/lib/nvidia/sriov-manage");
    await expect(check(sriov, "B33")).rejects.toThrow(/already has VFs enabled/);
  });

  test("the check of B34 fails if nvidia-smi does not keep the GPU open", async () => {
    await lab.run(
      "printf '#!/bin/sh\\nexec sleep 600\\n' > /usr/local/bin/nvidia-smi && chmod +x /usr/local/bin/nvidia-smi",
    );
    await expect(check(sriov, "B34")).rejects.toThrow(/Cannot obtain unbindLock/);
  });

  test("the check of B54 fails if the card accepts mixed sizes", async () => {
    await enableVfs(lab, A40);
    await lab.run(`nvidia-smi vgpu -i ${A40} -shm 1`);
    await expect(check(mdev, "B54")).rejects.toThrow(/A40-4A/);
  });

  test("the check of B24 fails if nvidia-smi prints addresses as sysfs does", async () => {
    await lab.run("sed -i \"s/return '0000' . uc/return uc/\" /usr/lib/nvidia/standin/tools/NvidiaSmi/Host.pm");
    await expect(check(verification, "B24")).rejects.toThrow(/00000000:82:00.0/);
  });
});
