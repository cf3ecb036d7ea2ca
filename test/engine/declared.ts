import type { LabHost } from "../lab";
import type { Declared } from "./stack";

/** How a program reaches a lab host. */
export const connectionTo = (lab: LabHost, user = "root"): Record<string, unknown> => ({
  host: lab.address,
  port: lab.port,
  user,
  privateKeyPath: lab.keyPath,
  knownHosts: lab.knownHostsPath,
});

/** Types of vGPUs, and how many of each. */
export type Vgpus = Record<string, number>;

/** Virtual functions, and vGPUs of one card above them. */
export const cardOf = (lab: LabHost, model: string, vgpus: Vgpus, named = {}): Declared[] => [
  { kind: "SriovEnablement", name: "functions", connection: connectionTo(lab), gpus: [{ model }] },
  { kind: "VgpuLayout", name: "layout", on: "functions", gpu: { model }, vgpus, named },
];

/** Names of the vGPU types that exist on the host now, sorted: whatever the framework. */
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
