import type { DriverVersion } from "../../model/driver-version";
import type { ImageSystem } from "../../model/facts/system";

/** Returns the part of a sentence that names the system and how it was recognised. */
export const systemOf = ({ kind, sign }: ImageSystem): string => `this is ${systems[kind]} (${sign})`;

const systems: Record<ImageSystem["kind"], string> = {
  ostree: "an image-based system",
  transactional: "a system of snapshots",
  declarative: "a system that is built from its configuration",
  "read-only": "a read-only system",
  volatile: "a system that loses changes when it is rebooted",
};

const adopted = "An installed driver is adopted.";

/** Returns where the driver of such a system comes from. */
export const driverHint = ({ kind }: ImageSystem, version: DriverVersion): string => driverHints[kind](version);

const driverHints: Record<ImageSystem["kind"], (version: DriverVersion) => string> = {
  ostree: (version) =>
    `Build an image that contains the vGPU Manager ${version}, and switch the host to it. ${adopted}`,
  transactional: (version) =>
    `Install the vGPU Manager ${version} in a new snapshot, with transactional-update pkg or transactional-update run. ${adopted}`,
  declarative: (version) => `Add the vGPU Manager ${version} to the configuration of the system. ${adopted}`,
  "read-only": (version) =>
    `Build an image that contains the vGPU Manager ${version}, and switch the host to it; if the system should be writable, mount it so.`,
  volatile: (version) =>
    `Build an image that contains the vGPU Manager ${version}, and start the host from it. ${adopted}`,
};

/** Returns how the kernel's command line of such a system is changed. */
export function kernelWordsHint({ kind }: ImageSystem, words: string): string {
  const ways: Record<ImageSystem["kind"], string> = {
    ostree: "with rpm-ostree kargs, or in /usr/lib/bootc/kargs.d of the image",
    transactional: "in /etc/default/grub, then run transactional-update grub.cfg",
    declarative: "in the configuration of the system",
    "read-only": "in the image",
    volatile: "where the host gets its image from",
  };
  return `Add ${words} to the kernel command line ${ways[kind]}.`;
}
