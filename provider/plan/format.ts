import type { Gpu } from "../model/facts/gpu";
import type { Process, User } from "../model/facts/users";

/** `0000:41:00.0 (NVIDIA A40)` */
export const formatGpu = (gpu: Gpu): string => `${gpu.address} (${gpu.model ?? `10de:${gpu.deviceId}`})`;

/** `dcgm-exporter (pid 2202 of nvidia-dcgm.service)` */
export function formatProcess({ command, pid, unit, container }: Process): string {
  const where = container ? ` in the container ${container}` : unit ? ` of ${unit}` : "";
  return `${command} (pid ${pid}${where})`;
}

/** `the guest web (running, pid 4410) and the guest build (defined in libvirt)` */
export function formatUsers(users: readonly User[]): string {
  const guests = new Map<string, string>();
  const processes: string[] = [];
  for (const user of users) {
    if ("process" in user && user.process.guest === null) processes.push(formatProcess(user.process));
    else if ("process" in user) guests.set(user.process.guest!, `running, pid ${user.process.pid}`);
    else if (!guests.has(user.guest))
      guests.set(user.guest, `${user.running ? "running" : "defined"} in ${registrar[user.kind]}`);
  }
  return enumerate([...[...guests].map(([name, how]) => `the guest ${name} (${how})`), ...processes]);
}

const registrar = { libvirt: "libvirt", proxmox: "Proxmox", kubernetes: "Kubernetes" };

/** `gcc, make and dkms` */
export function enumerate(words: readonly string[], conjunction: "and" | "or" = "and"): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${conjunction} ${words.at(-1)}`;
}
