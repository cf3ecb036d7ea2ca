import type { LabHost } from "../lab";
import { typeDirectory, write } from "../lab/behaviours/devices";

/** Creates a vGPU as an operator does, on a PCI function with the mdev framework. */
export async function createVgpu(lab: LabHost, at: string, type: string, uuid: string): Promise<void> {
  const refused = await write(lab, uuid, `${await typeDirectory(lab, at, type)}/create`);
  if (refused) throw new Error(`${at} on ${lab.name} refuses ${type}: ${refused}`);
}

/** Removes a vGPU as an operator does. */
export async function removeVgpu(lab: LabHost, uuid: string): Promise<void> {
  await lab.run(`echo 1 > /sys/bus/mdev/devices/${uuid}/remove`);
}

/** Returns the mdevs of a host, each with its inode, which differs for a re-created mdev with the same UUID. */
export async function mdevsOn(lab: LabHost): Promise<string[]> {
  return (await lab.run("cd /sys/bus/mdev/devices && stat -c '%n %i' *-* 2>/dev/null; true"))
    .split("\n")
    .filter(Boolean)
    .sort();
}

export const uuidsOn = async (lab: LabHost): Promise<string[]> =>
  (await mdevsOn(lab)).map((mdev) => mdev.split(" ")[0]!);

/** Returns the VFs that have a vGPU, with the id of its type. */
export async function typesByVf(lab: LabHost): Promise<Record<string, number>> {
  const all = await lab.run("grep -sH '' /sys/bus/pci/devices/*/nvidia/current_vgpu_type || true");
  const vfs = [...all.matchAll(/devices\/([^/]+)\/.*?type:(\d+)$/gm)].map(([, vf, id]): [string, number] => [
    vf!,
    Number(id),
  ]);
  return Object.fromEntries(vfs.filter(([, id]) => id !== 0));
}

/** Returns all vGPUs of a host, of both frameworks. */
export const vgpusOn = async (lab: LabHost): Promise<string[]> => [
  ...(await mdevsOn(lab)),
  ...Object.entries(await typesByVf(lab)).map(([vf, type]) => `${vf} ${type}`),
];
