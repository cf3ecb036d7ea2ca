import { join } from "node:path";
import { cached, hashOf } from "../cache";
import type { Card } from "../cards/cards";
import { canonical, cardList, generations, lowestBranch, parseCards } from "../cards/cards";
import { driverPackage } from "../driver/package";
import type { Image } from "../image/image";
import { output } from "../program";
import { accelerator } from "./accelerator";
import { machineVersion } from "./qemu";
import { monitorCommand, qmp } from "./qmp";
import type { LabHost, Origin } from "./running-host";
import { start } from "./running-host";

/** What a host is like when it comes up. */
export interface Wanted {
  cards: Card[];
  /** As users have it; with compiler and kernel headers; with the driver installed. */
  state: "bare" | "tools" | "ready";
  /** Driver version of a ready host. */
  driver: string;
  iommu: "on" | "off";
}

export const describe = (w: Wanted): string =>
  `${w.state}${w.state === "ready" ? ` ${w.driver}` : ""}${w.iommu === "off" ? ", IOMMU off" : ""}`;

/** The branch of `550.163.02` is 550. */
const branchOf = (version: string): number => Number(version.split(".")[0]);

/** 550.163.02, unless a card wants a newer branch. */
export function defaultDriver(cards: Card[]): string {
  return lowestBranch(cards) > 550 ? "580.105.06" : "550.163.02";
}

/** The saved state of such a host, made when it is not there: a boot from a disk on which everything is already. */
export async function savedState(image: Image, wanted: Wanted): Promise<Origin> {
  const disk = await diskOf(image, wanted);
  const key = hashOf(
    image.hash,
    machineVersion,
    await accelerator(image),
    await output("qemu-system-x86_64", ["--version"]),
    disk,
    canonical(wanted.cards),
    wanted.iommu,
  );
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
  wanted.state === "ready" ? installedDisk(image, wanted) : freshDisk(image, wanted.state);

/** An overlay over one of the image's disks, with nothing in it. */
async function freshDisk(image: Image, kind: keyof Image["disks"]): Promise<string> {
  const folder = await cached(
    "fresh",
    hashOf(image.hash, kind),
    async (unfinished) =>
      void (await output("qemu-img", [
        "create",
        "-q",
        "-f",
        "qcow2",
        "-b",
        image.disks[kind],
        "-F",
        "raw",
        join(unfinished, "disk.qcow2"),
      ])),
  );
  return join(folder, "disk.qcow2");
}

/** Changes with the steps below: a disk does not depend on the machine, but on them. */
const stepsVersion = "2";

/**
 * The disk of a ready host: a bare one on which the documented steps were really taken. Compiler, headers and a blacklist came with
 * the image; here such a host boots, the installer is run, and the next boot is where others start.
 *
 * Which kernel modules the installer builds depends on the cards that it finds, in two kinds; so two hosts are installed for a
 * version, and others boot from their disks.
 */
async function installedDisk(image: Image, { cards, driver }: Wanted): Promise<string> {
  const newer = branchOf(driver) >= 550 && generations(cards, branchOf(driver)).new;
  const there = newer ? "L40S@0000:3d" : "T4@0000:3b,A40@0000:41";
  const installer = await driverPackage(driver);
  const hash = hashOf(image.hash, stepsVersion, there, installer);
  const folder = await cached("installed", hash, async (unfinished) => {
    const wanted: Wanted = { cards: parseCards(there), state: "tools", driver: "", iommu: "on" };
    const host = await startFrom(image, wanted, `making-installed-${hash}`, {
      disk: await freshDisk(image, "nouveauOff"),
      saved: false,
    });
    try {
      await host.copyIn(installer, "/root/driver.run");
      await host.run("sh /root/driver.run -s 2>&1; code=$?; rm /root/driver.run; exit $code");
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
  start({
    name,
    cards: wanted.cards,
    cardList: cardList(wanted.cards),
    state: describe(wanted),
    image,
    origin,
    owner: process.pid,
  });

/** Waits until the boot is over, so that what continues is a quiet host, and saves it. */
async function save(host: LabHost, disk: string): Promise<void> {
  await host.run(
    "systemctl is-system-running --wait >/dev/null; systemctl start libvirtd.socket; udevadm settle; sync; echo 1 > /proc/sys/vm/drop_caches",
  );
  const monitor = join(host.details.folder, "qmp.sock");
  await qmp(monitor, "stop");
  await monitorCommand(monitor, "savevm saved");
  await output("cp", ["--sparse=always", join(host.details.folder, "disk.qcow2"), disk]);
}
