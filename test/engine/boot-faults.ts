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
 * When a host loses power: so many seconds after its restorer began, or at the call of a program that takes part in the writing of records,
 * restorer or unit, in front of that call or right after it.
 */
export type Cut = { seconds: number } | CutAtWrite;
export interface CutAtWrite {
  call: number;
  when: "before" | "after";
}

const wordsOf = (cut: Cut): string => ("seconds" in cut ? cut.seconds.toFixed(2) : `0 ${cut.call} ${cut.when}`);

const countedFolder = "/usr/local/sbin";

/** Run with the words of a cut, puts programs that count their calls in front of the host's, until the next boot. */
const countWrites = `mount -t tmpfs tmpfs ${countedFolder} && cd ${countedFolder} && echo 0 >calls && echo $2-$3 >cut-at && cat >sync <<'END-OF-SCRIPT' && chmod 755 sync
#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
name=$(basename "$0")
case $* in */etc/nvidia-vgpu/* | */nvidia-vgpu/restore.sh* | *nvidia-vgpu-restore.service*) ;; *) exec "$name" "$@" ;; esac
read -r calls <${countedFolder}/calls; echo $((calls += 1)) >${countedFolder}/calls
read -r cut_at <${countedFolder}/cut-at
cut() { [ $calls-$1 != $cut_at ] || { echo b >/proc/sysrq-trigger; sleep 60; }; }
cut before; "$name" "$@"; code=$?; cut after
exit $code
END-OF-SCRIPT
for program in mkdir mv chmod systemctl; do cp sync $program; done`;

/** Has a host lose power now or later in this boot, and in each of its next boots. The kernel restarts it at once: what was not synced is lost. */
export async function cutPower(lab: LabHost, now: CutAtWrite | "at once", atBoots: Cut[]): Promise<void> {
  await writeFile(lab, "/root/count-writes.sh", countWrites);
  await writeFile(lab, "/root/cuts", atBoots.map(wordsOf).join("\n"));
  await atBoot(
    lab,
    "cut",
    `read -r seconds call when </root/cuts || exit 0
sed -i 1d /root/cuts && sync /root/cuts
[ -z "$call" ] || exec sh /root/count-writes.sh 0 $call $when
sleep $seconds
echo b >/proc/sysrq-trigger`,
    { stays: true },
  );
  if (now === "at once") await lab.agent("echo b >/proc/sysrq-trigger", 1_000).catch(() => undefined);
  else await inGuest(lab, `sh /root/count-writes.sh ${wordsOf(now)}`);
}

/** Resolves when a host has lost power in all those boots, and the one after them is over. */
export async function waitForBootAfterCuts(lab: LabHost): Promise<void> {
  const isOver = `[ ! -s /root/cuts ] && [ "$(systemctl is-active cut)" = inactive ] && systemctl is-system-running | grep -E 'running|degraded'`;
  await vi.waitFor(async () => expect((await lab.agent(isOver, 10_000)).code).toBe(0), {
    timeout: 600_000,
    interval: 500,
  });
  await lab.waitForSsh();
}

/** Has much go wrong at the next boots of a host: a GPU is held open, a type is not offered, /etc is read-only, and a VM takes the first vGPU. */
export async function spoilBoots(lab: LabHost, { heldGpu, type }: { heldGpu: string; type: string }): Promise<void> {
  await inGuest(lab, `cp ${typeTable} /root; sed -i '/${type}$/d' ${typeTable}`);
  const minor = `sed -n 's/^Device Minor:[[:space:]]*//p' /proc/driver/nvidia/gpus/${heldGpu}/information`;
  await atBoot(lab, "exporter", `exec sleep 3600 </dev/nvidia$(${minor})`, { stays: true });
  await atBoot(lab, "read-only", "mount --bind /etc /etc && mount -o remount,bind,ro /etc");
  await atBoot(
    lab,
    "by-hand",
    `until set -- /sys/bus/mdev/devices/*; [ -e "$1" ]; do sleep 0.1; done
    systemctl is-active ${restorer} >/run/by-hand
    exec qemu-system-x86_64 -name guest=by-hand -device vfio-pci,sysfsdev=$1`,
    { stays: true },
  );
}

/** Ends what spoilBoots began, in this boot. */
export async function mendBoot(lab: LabHost): Promise<void> {
  await inGuest(lab, `systemctl stop exporter by-hand; umount /etc; cp /root/types ${typeTable}`);
}

const typeTable = "/usr/lib/nvidia/standin/tables/types";
