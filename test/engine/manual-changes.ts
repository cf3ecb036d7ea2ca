import type { LabHost } from "../lab";
import { typeDirectory, write } from "../lab/behaviours/devices";

/** Makes a vGPU as an operator does, on a function that speaks mdev. */
export async function makeVgpu(lab: LabHost, at: string, type: string, uuid: string): Promise<void> {
  const refused = await write(lab, uuid, `${await typeDirectory(lab, at, type)}/create`);
  if (refused) throw new Error(`${at} on ${lab.name} takes no ${type}: ${refused}`);
}

/** Takes a vGPU away as an operator does. */
export async function takeVgpu(lab: LabHost, uuid: string): Promise<void> {
  await lab.run(`echo 1 > /sys/bus/mdev/devices/${uuid}/remove`);
}

/** The mdevs of a host, each with a number that another one under the same UUID would not have. */
export async function mdevsOn(lab: LabHost): Promise<string[]> {
  return (await lab.run("cd /sys/bus/mdev/devices && stat -c '%n %i' *-* 2>/dev/null; true"))
    .split("\n")
    .filter(Boolean)
    .sort();
}

export const uuidsOn = async (lab: LabHost): Promise<string[]> =>
  (await mdevsOn(lab)).map((mdev) => mdev.split(" ")[0]!);

/** VFs that carry a vGPU, with the id of its type. */
export async function carried(lab: LabHost): Promise<Record<string, number>> {
  const all = await lab.run("grep -sH '' /sys/bus/pci/devices/*/nvidia/current_vgpu_type || true");
  const vfs = [...all.matchAll(/devices\/([^/]+)\/.*?type:(\d+)$/gm)].map(([, vf, id]): [string, number] => [
    vf!,
    Number(id),
  ]);
  return Object.fromEntries(vfs.filter(([, id]) => id !== 0));
}

/** All vGPUs of a host, whatever the framework. */
export const vgpusOn = async (lab: LabHost): Promise<string[]> => [
  ...(await mdevsOn(lab)),
  ...Object.entries(await carried(lab)).map(([vf, type]) => `${vf} ${type}`),
];
