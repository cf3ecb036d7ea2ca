import type { LabHost, UpOptions } from "..";
import { migCards, migVendorCards } from "../cards/sets";
import { enableVfs } from "./devices";
import { A40, A100 } from "./mig-mode";
import { H100, RTX } from "./mig-vendor";
import { L40S } from "./vendor";

export const mdevHost: UpOptions = { cards: migCards, state: "ready" };
export const vendorHost: UpOptions = { cards: migVendorCards, state: "ready", driver: "580.105.06" };

/** Turns MIG mode of the A100 on, and enables its VFs and those of the A40. */
export async function prepareMdevHost(lab: LabHost): Promise<void> {
  await lab.run(`nvidia-smi -i ${A100} -mig 1`);
  for (const gpu of [A40, A100]) await enableVfs(lab, gpu);
}

/** Turns MIG mode of the H100 and the RTX PRO 6000 on, and enables their VFs and those of the L40S. */
export async function prepareVendorHost(lab: LabHost): Promise<void> {
  await lab.run(`nvidia-smi -i ${H100},${RTX} -mig 1`);
  for (const gpu of [H100, RTX, L40S]) await enableVfs(lab, gpu);
}
