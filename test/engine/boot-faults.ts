import { expect, vi } from "vitest";
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

/** Takes a script out of the next boots. */
export const notAtBoot = (lab: LabHost, ...names: string[]): Promise<string> =>
  inGuest(lab, `systemctl -q disable --now ${names.join(" ")} && sync`);

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

/**
 * Restarts a host, which then loses power again and again, each time so many seconds after its restorer began. Resolves when the
 * restorer has run to its end in the boot after these.
 */
export async function cutPowerDuringRestores(
  lab: LabHost,
  seconds: number[],
  restart: () => Promise<void>,
): Promise<void> {
  await writeFile(lab, "/root/cuts", seconds.map((one) => one.toFixed(2)).join("\n"));
  // The kernel restarts the machine at once: what was not synced is lost.
  await atBoot(
    lab,
    "cut",
    "read -r seconds </root/cuts || exit 0\nsed -i 1d /root/cuts && sync /root/cuts\nsleep $seconds\necho b >/proc/sysrq-trigger",
    { stays: true },
  );
  const isOver = `[ ! -s /root/cuts ] && systemctl is-active cut ${restorer} | tr '\n' ' ' | grep -E '^inactive (active|failed)'`;
  await restart().catch(() => undefined); // the agent of a boot that ends early gives no answer
  await vi.waitFor(async () => expect((await lab.agent(isOver, 10_000)).code).toBe(0), {
    timeout: 600_000,
    interval: 1_000,
  });
  await lab.waitForSsh();
}
