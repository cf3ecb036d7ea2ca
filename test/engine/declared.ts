import type { LabHost } from "../lab";
import type { Declared } from "./stack";

/** Returns the connection of a program to a lab host. */
export const connectionTo = (lab: LabHost, user = "root"): Record<string, unknown> => ({
  host: lab.address,
  port: lab.port,
  user,
  privateKeyPath: lab.keyPath,
  knownHosts: lab.knownHostsPath,
});

/** Counts of vGPUs by type. */
export type Vgpus = Record<string, number>;

/** Returns an SriovEnablement, and a VgpuLayout of one GPU that depends on it. */
export const sriovAndLayout = (lab: LabHost, model: string, vgpus: Vgpus, named = {}): Declared[] => [
  { kind: "SriovEnablement", name: "functions", connection: connectionTo(lab), gpus: [{ model }] },
  { kind: "VgpuLayout", name: "layout", on: "functions", gpu: { model }, vgpus, named },
];

/** Returns the sorted type names of all vGPUs on the host, of both frameworks. */
export async function typesOn(lab: LabHost): Promise<string[]> {
  const names = await lab.run(
    `for mdev in /sys/bus/mdev/devices/*; do [ -e $mdev ] && cat $mdev/mdev_type/name; done
     for vf in /sys/bus/pci/devices/*/nvidia/current_vgpu_type; do [ -e $vf ] && read -r id < $vf && [ $id != 0 ] && echo "type $id"; done; true`,
  );
  return names
    .split("\n")
    .filter(Boolean)
    .map((name) => name.replace(/^(NVIDIA|GRID) /, ""))
    .sort();
}
