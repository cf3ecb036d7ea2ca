import type { LabHost } from "../host/running-host";

/** A fault that can be injected into a lab host. It uses the guest agent, so it leaves no trace in sshd's log. */
export interface Fault {
  summary: string;
  /** Names of the arguments, for the usage line; those with a default are written `NAME=value`. */
  arguments?: string[];
  inject: (lab: LabHost, ...args: string[]) => Promise<void>;
  /** Clears the fault. Missing if only a reset of the host does. */
  clear?: (lab: LabHost) => Promise<void>;
}

/** Runs a command in the guest as root, without ssh; throws when it fails. */
export async function inGuest(lab: LabHost, command: string): Promise<string> {
  const { code, stdout, stderr } = await lab.agent(command);
  if (code !== 0) throw new Error(`${lab.name}: \`${command}\` ended with ${code}: ${stderr.trim() || stdout.trim()}`);
  return stdout;
}

/** Arguments end up in a shell of the guest, so they are numbers or plain paths, nothing else. */
export function plain(argument: string): string {
  if (!/^[-+\w./:]*$/.test(argument)) throw new Error(`"${argument}" is neither a number nor a path`);
  return argument;
}
