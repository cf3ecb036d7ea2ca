import { join } from "node:path";
import { cached, hashOf } from "../cache";
import { canonical, cardList, generations, lowestBranch, parseCards, type Card } from "../cards/cards";
import { driverPackage } from "../driver/package";
import type { Image } from "../image/image";
import { output } from "../program";
import { accelerator } from "./accelerator";
import { machineVersion } from "./qemu";
import { qmp, monitorCommand } from "./qmp";
import { start, type LabHost, type Origin } from "./running-host";

/** What a host is like when it comes up. */
export interface Wanted {
  cards: Card[];
  /** As users have it; with compiler and kernel headers; with the driver installed. */
  state: "bare" | "tools" | "ready";
  /** Driver version of a ready host. */
  driver: string;
  iommu: "on" | "off";
}

export const describe = (w: Wanted): string => `${w.state}${w.state === "ready" ? ` ${w.driver}` : ""}${w.iommu === "off" ? ", IOMMU off" : ""}`;

/** The branch of `550.163.02` is 550. */
const branchOf = (version: string): number => Number(version.split(".")[0]);

/** 550.163.02, unless a card wants a newer branch. */
export function defaultDriver(cards: Card[]): string {
  return lowestBranch(cards) > 550 ? "580.105.06" : "550.163.02";
}

/** The saved state of such a host, made when it is not there: a boot from a disk on which everything is already. */
export async function savedState(image: Image, wanted: Wanted): Promise<Origin> {
  const disk = await diskOf(image, wanted);
  const key = hashOf(image.hash, machineVersion, await accelerator(image), await output("qemu-system-x86_64", ["--version"]), disk, canonical(wanted.cards), wanted.iommu);
  const folder = await cached("state", key, async (unfinished) => {
    const host = await startFrom(image, wanted, `making-state-${key}`, { disk, saved: false });
    try {
      if (wanted.state === "ready") await host.run("systemctl is-active nvidia-vgpu-mgr");
      if (wanted.iommu === "off") await turnIommuOff(host);
      await save(host, join(unfinished, "disk.qcow2"));
    } finally {
      await host.down();
    }
  });
  return { disk: join(folder, "disk.qcow2"), saved: true };
}

const diskOf = (image: Image, wanted: Wanted): Promise<string> =>
  ({ bare: freshDisk, tools: toolsDisk, ready: installedDisk })[wanted.state](image, wanted);

/** An overlay over the image's disk, with nothing in it. */
async function freshDisk(image: Image): Promise<string> {
  const folder = await cached("fresh", hashOf(image.hash), async (unfinished) =>
    void (await output("qemu-img", ["create", "-q", "-f", "qcow2", "-b", image.disk, "-F", "raw", join(unfinished, "disk.qcow2")])));
  return join(folder, "disk.qcow2");
}

/*
 * A ready host is a bare one on which the documented steps were really taken: compiler and headers, nouveau off, a reboot,
 * the installer, a reboot. Each step starts from the disk that the one before left, and leaves one: the first two are the
 * same for all drivers, and a reboot is where the next host starts.
 */

/** Changes with the steps below: a disk does not depend on the machine, but on them. */
const stepsVersion = "1";

/** The host on which the steps are taken; tests that start from its bare or tools state share it. */
const usual: Wanted = { cards: parseCards("T4@0000:3b,A40@0000:41"), state: "bare", driver: "", iommu: "on" };

async function toolsDisk(image: Image): Promise<string> {
  return changedDisk(image, "tools", [], usual, () => savedState(image, usual), (host) =>
    host.run("apt-get install -y gcc make linux-headers-$(uname -r) 2>&1"));
}

async function nouveauOffDisk(image: Image): Promise<string> {
  const tools: Wanted = { ...usual, state: "tools" };
  return changedDisk(image, "nouveau-off", [], tools, () => savedState(image, tools), (host) =>
    host.run("printf 'blacklist nouveau\\noptions nouveau modeset=0\\n' > /etc/modprobe.d/blacklist-nouveau.conf && update-initramfs -u 2>&1"));
}

/**
 * Which kernel modules the installer builds depends on the cards that it finds, in two kinds; so two hosts are installed
 * for a version, and others boot from their disks.
 */
async function installedDisk(image: Image, { cards, driver }: Wanted): Promise<string> {
  const newer = branchOf(driver) >= 550 && generations(cards, branchOf(driver)).new;
  const installer = await driverPackage(driver);
  const there: Wanted = newer ? { ...usual, cards: parseCards("L40S@0000:3d") } : usual;
  const nouveauOff = async (): Promise<Origin> => ({ disk: await nouveauOffDisk(image), saved: false });
  return changedDisk(image, "installed", [newer ? "L40S" : "T4,A40", installer], there, nouveauOff, async (host) => {
    await host.copyIn(installer, "/root/driver.run");
    await host.run("sh /root/driver.run -s 2>&1; code=$?; rm /root/driver.run; exit $code");
  });
}

/** The disk that a host leaves which was changed and then shut down. */
async function changedDisk(image: Image, kind: string, key: string[], wanted: Wanted, from: () => Promise<Origin>, change: (host: LabHost) => Promise<unknown>): Promise<string> {
  const hash = hashOf(image.hash, stepsVersion, ...key);
  const folder = await cached(kind, hash, async (unfinished) => {
    const host = await startFrom(image, wanted, `making-${kind}-${hash}`, await from());
    try {
      await change(host);
      await host.halt();
      await output("cp", ["--sparse=always", join(host.details.folder, "disk.qcow2"), join(unfinished, "disk.qcow2")]);
    } finally {
      await host.down();
    }
  });
  return join(folder, "disk.qcow2");
}

async function turnIommuOff(host: LabHost): Promise<void> {
  await host.run(`sed -i 's/^GRUB_CMDLINE_LINUX="/&intel_iommu=off /' /etc/default/grub && update-grub 2>&1`);
  await host.reboot();
}

const startFrom = (image: Image, wanted: Wanted, name: string, origin: Origin): Promise<LabHost> =>
  start({ name, cards: wanted.cards, cardList: cardList(wanted.cards), state: describe(wanted), image, origin, owner: process.pid });

/** Waits until the boot is over, so that what continues is a quiet host, and saves it. */
async function save(host: LabHost, disk: string): Promise<void> {
  await host.run("systemctl is-system-running --wait >/dev/null; systemctl start libvirtd.socket; udevadm settle; sync; echo 1 > /proc/sys/vm/drop_caches");
  const monitor = join(host.details.folder, "qmp.sock");
  await qmp(monitor, "stop");
  await monitorCommand(monitor, "savevm saved");
  await output("cp", ["--sparse=always", join(host.details.folder, "disk.qcow2"), disk]);
}
