import type { Fault } from "./fault";
import { inGuest, plain } from "./fault";

/** Faults of the host itself. */
export const machineFaults: Record<string, Fault> = {
  "power-cut": {
    summary: "the host loses power and boots again: what was not synced to disk is gone",
    inject: (lab) => lab.powerCut(),
  },
  "host-gone": {
    summary: "the host does not answer any more, and open connections hang",
    inject: (lab) => lab.pause(),
    clear: (lab) => lab.resume(),
  },
  "disk-full": {
    summary: "the file system of PATH has no free space",
    arguments: ["PATH=/"],
    inject: async (lab, path = "/") => {
      const file = `${plain(path).replace(/\/$/, "")}/.lab-disk-full`;
      await inGuest(
        lab,
        `fallocate -l $(df -B1 --output=avail ${plain(path)} | tail -n 1) ${file}; dd if=/dev/zero of=${file}.rest bs=64k 2>/dev/null; true`,
      );
    },
    clear: async (lab) =>
      void (await inGuest(
        lab,
        "for m in $(findmnt -rno TARGET -t ext4,tmpfs); do rm -f $m/.lab-disk-full $m/.lab-disk-full.rest; done",
      )),
  },
  "clock-wrong": {
    summary: "the host's clock is off by OFFSET seconds",
    arguments: ["OFFSET=-86400"],
    inject: async (lab, offset = "-86400") =>
      void (await inGuest(lab, `date -s @$(( $(date +%s) + ${plain(offset)} ))`)),
    clear: async (lab) => void (await inGuest(lab, `date -s @${Math.floor(Date.now() / 1000)}`)),
  },
};
