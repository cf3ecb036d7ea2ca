import type { Process } from "../model/facts/users";

/**
 * What ends a process, as an order: "Stop nvidia-dcgm.service", "End pid 280 (sleep)". A unit is named only where the process is what
 * the unit is there for. A login, a guest agent or a job of cron may have started it: to stop these would cut the operator off.
 */
export function howToStop(process: Process): string {
  const { pid, command, unit, container } = process;
  if (container) return `Stop the container ${container}`;
  return unit !== null && isMainOf(unit, command) ? `Stop ${unit}` : `End pid ${pid} (${command})`;
}

const isMainOf = (unit: string, command: string): boolean =>
  unit.endsWith(".service") &&
  !waysIn.test(unit) &&
  (ofGpus.test(unit) || areAlike(unit.replace(/(@.*)?\.service$/, ""), command));

const waysIn =
  /^(sshd?|dropbear|qemu-guest-agent|qemu-ga|cockpit|[\w-]*getty|user|console-|dbus|systemd-|NetworkManager|networking|tailscaled)(@|\.|-|\b)/;
const ofGpus = /nvidia|dcgm|exporter/i;

/** The kernel cuts the name of a command after 15 characters. */
const areAlike = (name: string, command: string): boolean =>
  command.length > 2 && (name.startsWith(command) || command.startsWith(name));
