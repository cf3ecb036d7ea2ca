import type { DriverArguments } from "../model/desired/driver";
import type { MigArguments } from "../model/desired/mig";
import type { SriovArguments } from "../model/desired/sriov";
import type { VirtualFunctionSelector } from "../model/desired/vgpu";
import type { GpuSelector } from "../model/gpu-selector";
import type { PciAddress } from "../model/pci-address";
import type { VgpuTypeName } from "../model/vgpu-type";

/** Who owns something on a host, as its record names it. */
export interface Claim {
  /** The stack: `project/stack#1f3a9c2d`. An owner never takes what another one has. */
  owner: string;
  /** One instance of a resource, from creation to deletion: its replacement has another. Empty: unknown, and not compared. */
  instance: string;
  /** `VgpuLayout l` */
  resource: string;
}

/** A vGPU that another resource of the same stack has or declares, by its state or its inputs. */
export interface Sibling {
  /** `VgpuLayout l` */
  resource: string;
  urn: string;
  uuid: string;
  /** Its place and type in the state. */
  function?: PciAddress;
  typeId?: number;
}

/** The GPU that a resource has had since its first success. */
export interface Pin {
  /** Absent in states of release 0.1, and if the driver has not shown it. */
  uuid?: string;
  address: PciAddress;
  /** The selector that found it. */
  selector: GpuSelector;
}

interface CommonGoal {
  /** Identifies the goal: steps and blockers name such keys. */
  key: string;
  claim: Claim;
  /** What other resources of the stack have even without a record. Absent: nothing is known of other resources. */
  siblings?: readonly Sibling[];
  /** The digest of the restorer that restores it at boot. Absent: it is not restored. */
  restorer?: string;
}

/** The driver of the host. */
export interface DriverGoal extends CommonGoal {
  kind: "driver";
  state: "installed" | "absent";
  arguments: DriverArguments;
  /** Path of the package on the host, perhaps after an upload; absent if no package is declared. */
  packageOnHost?: string;
  /** Size of a local package, to check for free disk space. */
  packageBytes?: number;
}

/** MIG mode of GPUs of the host. */
export interface MigGoal extends CommonGoal {
  kind: "mig";
  arguments: Pick<MigArguments, "enabled" | "disabled" | "reboot">;
  /** The resource is deleted, so no resource of the stack creates its vGPUs again. */
  isDeleted?: true;
  /** The GPUs that its selectors have found already. */
  pins?: Pin[];
}

/** Virtual functions of GPUs of the host. */
export interface SriovGoal extends CommonGoal {
  kind: "sriov";
  state: "enabled" | "disabled";
  gpus: SriovArguments["gpus"];
  /** The GPUs that its selectors have found already. */
  pins?: Pin[];
}

/** One declared vGPU. */
export interface DesiredVgpu {
  uuid: string;
  type: VgpuTypeName;
  virtualFunction?: VirtualFunctionSelector;
  parameters?: string;
  /** Its name within a layout; for messages. */
  name?: string;
  /** It is part of a count of a layout: any unmanaged vGPU of this type fits. */
  interchangeable: boolean;
  /** The state has a vGPU of this UUID that was not adopted: it is the resource's own even without a record. */
  known?: true;
  /** Its place and type in the state. */
  last?: Pick<ObsoleteVgpu, "function" | "typeId">;
}

/** A vGPU that was created for this goal and has to be removed. */
export interface ObsoleteVgpu {
  uuid: string;
  /** Its last place and type: in the vendor framework, the next owner of the VF must not lose its vGPU (B77). */
  function: PciAddress;
  typeId: number;
  /** It existed before the resource: only its record is removed. */
  adopted?: true;
}

/** vGPUs of one GPU: those of a MdevVgpu, or of a VgpuLayout. */
export interface VgpuGoal extends CommonGoal {
  kind: "vgpus";
  gpu: GpuSelector;
  /** The GPU that it has already; absent: none yet. */
  pin?: Pin;
  desired: DesiredVgpu[];
  obsolete: ObsoleteVgpu[];
  /** A layout can change the framebuffer size of its GPU; a single vGPU cannot, and its error names the layout. */
  managesWholeGpu: boolean;
  /** Profile to the number of GPU instances for vGPUs that other tools create. */
  gpuInstances?: Record<string, number>;
  /** Obsolete vGPUs that are in use stay, instead of being a blocker. */
  keepInUse?: true;
  /** It was imported, and nothing was applied since: a vGPU without a record is as it should be. */
  isImported?: true;
  /** Owners, and "unrecorded", from which this resource takes over the vGPUs that it declares. */
  takeOver?: string[];
}

export type Goal = DriverGoal | MigGoal | SriovGoal | VgpuGoal;
