import { UserError } from "../model/errors";
import type { CaptureError } from "../probe";
import { installedProbePath } from "../probe";
import { quote } from "../ssh";

/** Returns the script by which a login reads a host that need not become root: by the installed probe if there is one, else by the sent one. */
export const readOnlyScript = (installed: string, boundary: string): string =>
  [`[ ! -x ${quote(installed)} ] || exec ${quote(installed)}`, `exec sh -s ${quote(boundary)}`].join("\n");

/** The beginning of what the probe prints. */
export const captureStart = /nvidia-vgpu-capture \d+ \S/;

/** Returns the capture in the output of a probe that was run alone, or undefined. */
export function captureIn(output: string): string | undefined {
  const start = captureStart.exec(output);
  return start ? output.slice(start.index) : undefined;
}

export const readOnlyError = (host: string): UserError =>
  new UserError({
    action: "change the host",
    host,
    cause: "its connection is declared readOnly",
    hint: "Change it by a connection without readOnly.",
  });

export const forcedCommandError = (host: string): UserError =>
  new UserError({
    action: "change the host",
    host,
    cause: "the server runs only the probe for this key (command= in authorized_keys, or ForceCommand in sshd_config)",
    hint: "Log in with a key that may run other commands.",
  });

/** The installed probe prints a format that this version cannot read. */
export const unusableProbeError = (host: string, { message }: CaptureError): UserError =>
  new UserError({
    action: "read the state of the host",
    host,
    cause: message,
    hint: `If ${installedProbePath} is of another release, install the probe of this one: npx pulumi-nvidia-vgpu probe prints it.`,
  });
