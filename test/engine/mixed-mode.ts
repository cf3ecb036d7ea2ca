import type { LabHost } from "../lab";

/** Returns whether a GPU is in mixed-size mode, by what nvidia-smi reports of its model: `Enabled` or `Disabled`. */
export async function mixedMode(lab: LabHost, model: string): Promise<string | undefined> {
  const report = await lab.run("nvidia-smi -q");
  const ofGpu = report.split(/^GPU /m).find((text) => text.includes(`NVIDIA ${model}\n`));
  return /vGPU Heterogeneous Mode\s*: (\S+)/.exec(ofGpu ?? "")?.[1];
}
