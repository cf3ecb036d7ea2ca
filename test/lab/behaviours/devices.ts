import type { LabHost } from "..";

export { endVm, startVm } from "../host/vm";

/** Returns the sysfs folder of a PCI function. */
export const pci = (bdf: string): string => `/sys/bus/pci/devices/${bdf}`;

/** Writes to a file as root. Returns "" if the kernel accepted it, else the errno's text ("Invalid argument"). */
export async function write(lab: LabHost, value: string, path: string): Promise<string> {
  const { code, stderr } = await lab.sh(`printf '%s\\n' '${value}' > ${path}`);
  return code === 0 ? "" : stderr.trim().split(": ").pop()!;
}

/** Returns the VFs of a GPU in the order of their numbers; `ls` sorts virtfn10 before virtfn2 (B42). */
export async function virtualFunctions(lab: LabHost, gpu: string): Promise<string[]> {
  const links = await lab.run(`find ${pci(gpu)}/ -maxdepth 1 -name 'virtfn*' -printf '%f %l\\n'`);
  return links
    .split("\n")
    .filter(Boolean)
    .map((line) => line.replace("virtfn", "").replace("../", "").split(" "))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, bdf]) => bdf!);
}

export const enableVfs = (lab: LabHost, gpu: string): Promise<string> =>
  lab.run(`/usr/lib/nvidia/sriov-manage -e ${gpu}`);
export const disableVfs = (lab: LabHost, gpu: string): Promise<string> =>
  lab.run(`/usr/lib/nvidia/sriov-manage -d ${gpu}`);

/** Returns the directory of a vGPU type, by the last word of its name (B60), below a PCI function with the mdev framework. */
export async function typeDirectory(lab: LabHost, bdf: string, type: string): Promise<string> {
  const names = await lab.run(`cd ${pci(bdf)}/mdev_supported_types && grep -H '' */name`);
  const found = names.split("\n").find((line) => line.split(" ").pop() === type);
  if (!found) throw new Error(`${bdf} on ${lab.name} has no type ${type}: ${names}`);
  return `${pci(bdf)}/mdev_supported_types/${found.split("/")[0]}`;
}

/** Returns available_instances of each type below a function, by the type's short name: {"A40-4Q": 1, ...}. */
export async function availableInstances(lab: LabHost, bdf: string): Promise<Record<string, number>> {
  const both = await lab.run(`cd ${pci(bdf)}/mdev_supported_types && grep -H '' */name */available_instances`);
  const names = new Map<string, string>();
  const counts: Record<string, number> = {};
  for (const line of both.split("\n").filter(Boolean)) {
    const [directory, file, value] = /^(.*)\/(\w+):(.*)$/.exec(line)!.slice(1) as [string, string, string];
    if (file === "name") names.set(directory, value.split(" ").pop()!);
    else counts[names.get(directory)!] = Number(value);
  }
  return counts;
}

/** Returns the types with available instances below a function. */
export async function creatable(lab: LabHost, bdf: string): Promise<string[]> {
  return Object.entries(await availableInstances(lab, bdf))
    .filter(([, n]) => n > 0)
    .map(([type]) => type);
}

export async function createMdev(lab: LabHost, bdf: string, type: string, uuid: string): Promise<string> {
  return write(lab, uuid, `${await typeDirectory(lab, bdf, type)}/create`);
}

export const removeMdev = (lab: LabHost, uuid: string): Promise<string> =>
  write(lab, "1", `/sys/bus/mdev/devices/${uuid}/remove`);

/** Returns creatable_vgpu_types of a VF, as [id, name] rows without the header. */
export async function creatableTypes(lab: LabHost, vf: string): Promise<[number, string][]> {
  const rows = (await lab.run(`cat ${pci(vf)}/nvidia/creatable_vgpu_types`)).split("\n");
  return rows.flatMap((row) => {
    const match = /^(\d+)\s*: (.*)$/.exec(row);
    return match ? [[Number(match[1]), match[2]!] as [number, string]] : [];
  });
}

export const currentType = async (lab: LabHost, vf: string): Promise<number> =>
  Number(await lab.run(`cat ${pci(vf)}/nvidia/current_vgpu_type`));
export const setType = (lab: LabHost, vf: string, id: number): Promise<string> =>
  write(lab, String(id), `${pci(vf)}/nvidia/current_vgpu_type`);

/** Returns the lines of the kernel log that are written while `action` runs. */
export async function kernelLogDuring(lab: LabHost, action: () => Promise<unknown>): Promise<string> {
  const mark = `lab-mark-${Math.random().toString(36).slice(2)}`;
  await lab.run(`echo ${mark} > /dev/kmsg`);
  await action();
  return await lab.run(`dmesg | sed '1,/${mark}/d'`);
}

export const uuid = (n: number): string => `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;

/** Returns what nvidia-smi prints, and its exit code. */
export async function smi(lab: LabHost, words: string): Promise<{ code: number | null; stdout: string }> {
  const { code, stdout } = await lab.sh(`nvidia-smi ${words}`);
  return { code, stdout };
}

/** Returns the GPU instances of a GPU, by id: {3: "14@0"} for profile 14 at slice 0. */
export async function gpuInstances(lab: LabHost, gpu: string): Promise<Record<number, string>> {
  const { stdout } = await smi(lab, `mig -i ${gpu} -lgi`);
  const rows = [...stdout.matchAll(/^\|\s+\d+\s+MIG \S+\s+(\d+)\s+(\d+)\s+(\d+):\d+\s+\|$/gm)];
  return Object.fromEntries(rows.map(([, profile, id, start]) => [id, `${profile}@${start}`]));
}

/** Removes all GPU instances of a GPU. */
export const clearInstances = (lab: LabHost, gpu: string) =>
  lab.sh(`nvidia-smi mig -i ${gpu} -dci; nvidia-smi mig -i ${gpu} -dgi`);

/** Returns the present MIG mode of a GPU, and the one after its next reset. */
export const migMode = async (lab: LabHost, gpu: string): Promise<string> =>
  (await lab.run(`nvidia-smi -i ${gpu} --query-gpu=mig.mode.current,mig.mode.pending --format=csv,noheader`)).trim();

/** Keeps a GPU open, as a monitoring tool or a program of the given name does, while `action` runs. */
export async function whileOpen<T>(
  lab: LabHost,
  gpu: string,
  action: () => Promise<T>,
  program = "monitor",
): Promise<T> {
  const find = `sed -n 's/^Device Minor:[[:space:]]*//p' /proc/driver/nvidia/gpus/${gpu}/information`;
  const script = `printf '#!/bin/sh\\nexec sleep 600 < $1\\n' > /root/${program} && chmod +x /root/${program}`;
  const pid = (
    await lab.run(
      `${script} && node=/dev/nvidia$(${find}) && { /root/${program} $node > /dev/null 2>&1 & } && pid=$! &&
       until readlink /proc/$pid/fd/0 | grep -qx $node; do sleep 0.05; done && echo $pid`,
    )
  ).trim();
  try {
    return await action();
  } finally {
    await lab.run(`kill ${pid}; while [ -d /proc/${pid} ]; do sleep 0.1; done`);
  }
}

/** Sets a fault parameter of the stand-in driver while `action` runs. */
export async function withKnob<T>(
  lab: LabHost,
  knob: string,
  value: string,
  action: () => Promise<T>,
  off = "0",
): Promise<T> {
  const path = `/sys/module/${/unbind|vf_delay|mig|gi_|reset|NVreg/.test(knob) ? "nvidia" : "nvidia_vgpu_vfio"}/parameters/${knob}`;
  await lab.run(`echo ${value} > ${path}`);
  try {
    return await action();
  } finally {
    await lab.run(`echo ${off} > ${path}`);
  }
}
