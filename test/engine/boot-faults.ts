import type { LabHost } from "../lab";
import { inGuest } from "../lab/faults/fault";

const units = "/etc/systemd/system";
const restorer = "nvidia-vgpu-restore.service";

/** Writes a file on a host, and makes sure that it is there after a power cut. */
export const writeFile = (lab: LabHost, path: string, text: string): Promise<string> =>
  inGuest(lab, `mkdir -p ${path.replace(/\/[^/]*$/, "")} && cat >${path} <<'END' && sync ${path}\n${text}\nEND`);

/**
 * Has a script run at each boot, right before the restorer: to its end, or, where it stays, beside it.
 *
 * @example
 * await atBoot(lab, "full", "fallocate -l 5G /full");
 */
export async function atBoot(lab: LabHost, name: string, script: string, { stays = false } = {}): Promise<void> {
  await writeFile(lab, `/root/${name}.sh`, script);
  await writeFile(
    lab,
    `${units}/${name}.service`,
    `[Unit]
After=nvidia-vgpud.service nvidia-vgpu-mgr.service
Before=${restorer}
[Service]
Type=${stays ? "exec" : "oneshot"}
ExecStart=/bin/sh /root/${name}.sh
[Install]
WantedBy=multi-user.target`,
  );
  await inGuest(lab, `systemctl -q enable ${name}.service && sync`);
}

/** Returns when a unit of this boot began and ended its main process, in seconds since the kernel's start. */
export async function timesOf(lab: LabHost, unit: string): Promise<{ begun: number; ended: number }> {
  const shown = await inGuest(
    lab,
    `systemctl show -P ExecMainStartTimestampMonotonic -P ExecMainExitTimestampMonotonic ${unit}`,
  );
  const [begun = 0, ended = 0] = shown
    .trim()
    .split("\n")
    .map((text) => Number(text) / 1_000_000);
  return { begun, ended };
}
