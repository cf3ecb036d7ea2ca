import type { Process } from "../model/facts/users";

/**
 * Returns how to end a process: "Stop nvidia-dcgm.service", "End pid 280 (sleep)". A unit is named only if the process is its main one.
 * A login, a guest agent or a cron job may have started the process, and stopping these would lock the operator out.
 */
export function howToStop(process: Process): string {
  const { pid, command, unit, container } = process;
  if (container) return `Stop the container ${container}`;
  return unit !== null && isMainOf(unit, command) ? `Stop ${unit}` : `End pid ${pid} (${command})`;
}

const isMainOf = (unit: string, command: string): boolean =>
  unit.endsWith(".service") &&
  !loginUnits.test(unit) &&
  (gpuUnits.test(unit) || haveSameName(unit.replace(/(@.*)?\.service$/, ""), command));

const loginUnits =
  /^(sshd?|dropbear|qemu-guest-agent|qemu-ga|cockpit|[\w-]*getty|user|console-|dbus|systemd-|NetworkManager|networking|tailscaled)(@|\.|-|\b)/;
const gpuUnits = /nvidia|dcgm|exporter/i;

/** The kernel cuts the name of a command after 15 characters. */
const haveSameName = (name: string, command: string): boolean =>
  command.length > 2 && (name.startsWith(command) || command.startsWith(name));
