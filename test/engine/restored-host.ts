import type { LabHost } from "../lab";
import type { Vgpus } from "./declared";
import { connectionTo } from "./declared";
import type { Declared } from "./stack";

/** Three A30, of which the second has MIG. Each has another layout. */
export const cards = "T4@0000:3b,A30@0000:41,A30@0000:82,A30@0001:c8";
export const [first, second, third] = ["0000:41:00.0", "0000:82:00.0", "0001:c8:00.0"] as const;
/** The first two in each other's slot, next to a GPU that cannot have vGPUs. */
export const swapped = "T4@0000:3b,A30@0000:82,A30@0000:41,A30@0001:c8,P10@0000:c4";
/** Also without the T4, and with another GPU in the slot of the third A30. */
export const replaced = "A30@0000:82,A30@0000:41,A10@0001:c8,P10@0000:c4";

/** GPU instances of the second A30. */
export const migPlaces = "14@0 14@1 5@2";
/** UUID of the vGPU that a libvirt guest has. */
export const ofGuest = "11111111-1111-4111-8111-111111111111";

/** Returns the UUIDs of the A30, in the order of `cards`. */
export async function uuidsOfGpus(lab: LabHost): Promise<[string, string, string]> {
  const listed = await lab.run("nvidia-smi --query-gpu=pci.bus_id,uuid --format=csv,noheader");
  const uuidAt = (address: string) => new RegExp(`${address}, (GPU-.*)`, "i").exec(listed)![1]!;
  return [uuidAt(first), uuidAt(second), uuidAt(third)];
}

/** Returns what the host has: MIG-backed and time-sliced mdevs on VFs, and one on a GPU itself. */
export function declaredOn(lab: LabHost, gpus: readonly [string, string, string]): Declared[] {
  const layout = (name: string, gpu: unknown, vgpus: Vgpus, named = {}): Declared => ({
    kind: "VgpuLayout",
    name,
    on: "functions",
    gpu,
    vgpus,
    named,
  });
  const connection = connectionTo(lab);
  return [
    { kind: "MigEnablement", name: "mig", connection, enabled: [{ uuid: gpus[1] }] },
    { kind: "SriovEnablement", name: "functions", on: "mig", gpus: gpus.map((uuid) => ({ uuid })) },
    layout("first", first, { "A30-12C": 1 }, { "cad-01": { type: "A30-12C", uuid: ofGuest } }),
    layout("mig-backed", { uuid: gpus[1] }, { "A30-2-12C": 1, "A30-1-6C": 2 }),
    layout("third", third, { "A30-8C": 3 }),
    { kind: "MdevVgpu", name: "desktop", connection, gpu: { model: "T4" }, type: "T4-4Q" },
  ];
}

/** Returns the GPU and the type of each of these vGPUs. */
export const expectedOn = (gpus: readonly [string, string, string]): string[] =>
  [
    ...["A30-12C", "A30-12C"].map((type) => `${gpus[0]} ${type}`),
    ...["A30-1-6C", "A30-1-6C", "A30-2-12C"].map((type) => `${gpus[1]} ${type}`),
    ...["A30-8C", "A30-8C", "A30-8C"].map((type) => `${gpus[2]} ${type}`),
  ].sort();

/** Returns each mdev as "UUID-OF-GPU PLACE TYPE", where the place has the number of the VF and the UUID of the mdev. */
export async function vgpusByGpu(lab: LabHost): Promise<string[]> {
  const listed = await lab.run(`for gpu in /proc/driver/nvidia/gpus/*; do
    uuid=$(sed -n 's/^GPU UUID:[[:space:]]*//p' $gpu/information) device=/sys/bus/pci/devices/\${gpu##*/}
    for mdev in $device/????????-*-* $device/virtfn*/????????-*-*; do
      [ ! -e $mdev ] || echo "$uuid \${mdev#$device/} $(sed 's/^NVIDIA //; s/^GRID //' $mdev/mdev_type/name)"
    done
  done`);
  return listed.split("\n").filter(Boolean).sort();
}

/** Returns the files of records that a reader would take for incomplete. */
export const unreadableFiles = (lab: LabHost): Promise<string> =>
  lab.run(
    "cd /etc/nvidia-vgpu 2>/dev/null && find gpus vgpus -name '[!.]*' -type f | xargs -r grep -L '^complete=yes$'; true",
  );
