import { randomUUID } from "node:crypto";
import type { LabHost } from "../../lab";
import { inGuest } from "../../lab/faults/fault";

/** A place for a vGPU that is created by hand. */
export interface Place {
  uuid: string;
  virtualFunction: string;
  /** The directory of its type, such as nvidia-558. */
  directory: string;
}

/** Returns places on `count` VFs, the same number on each card. */
export async function placesFor(lab: LabHost, count: number, cards: number, type: string): Promise<Place[]> {
  const functions = (await inGuest(lab, "ls /sys/class/mdev_bus")).trim().split("\n");
  const buses = [...new Set(functions.map((address) => address.slice(0, "0000:41".length)))];
  if (buses.length !== cards) throw new Error(`${lab.name}: VFs of ${buses.length} cards are enabled, not of ${cards}`);
  const types = (virtualFunction: string) => `/sys/class/mdev_bus/${virtualFunction}/mdev_supported_types`;
  const [name] = (await inGuest(lab, `cd ${types(functions[0]!)} && grep -lw '${type}' */name`)).trim().split("/");
  const chosen = buses.flatMap((bus) => functions.filter((address) => address.startsWith(bus)).slice(0, count / cards));
  return chosen.map((virtualFunction) => ({
    uuid: randomUUID(),
    virtualFunction,
    directory: `${types(virtualFunction)}/${name}`,
  }));
}

/** Returns the commands by which NVIDIA's manual creates a vGPU: find the type, check for room, create, check the result. */
export const creationCommands = (type: string, { uuid, directory }: Place): string[] => [
  `cd ${directory}/.. && grep -l '${type}' nvidia-*/name`,
  `cat ${directory}/available_instances`,
  `echo ${uuid} > ${directory}/create`,
  `ls -l /sys/bus/mdev/devices/${uuid}`,
];

/** Returns the command that checks that a vGPU exists and has its type. */
export const checkCommand = (uuid: string): string => `cat /sys/bus/mdev/devices/${uuid}/mdev_type/name`;

export const mdevsOn = async (lab: LabHost): Promise<string[]> =>
  (await inGuest(lab, "ls /sys/bus/mdev/devices")).split("\n").filter(Boolean);

/** Removes all vGPUs and their records. */
export const removeAll = (lab: LabHost): Promise<string> =>
  inGuest(
    lab,
    "for mdev in /sys/bus/mdev/devices/*; do [ ! -e $mdev ] || echo 1 >$mdev/remove; done; rm -rf /etc/nvidia-vgpu/vgpus",
  );
