import type { DriverArguments } from "../model/desired/driver";
import type { SriovArguments } from "../model/desired/sriov";
import type { VirtualFunctionSelector } from "../model/desired/vgpu";
import type { GpuSelector } from "../model/gpu-selector";
import type { PciAddress } from "../model/pci-address";
import type { VgpuTypeName } from "../model/vgpu-type";
import type { Pin } from "./gpu/pin";

/** Who has something on a host, as the records there name it. */
export interface Claim {
  /** The stack: `project/stack#1f3a9c2d`. Two owners never take each other's. */
  owner: string;
  /** One life of a resource, from its creation to its deletion: its replacement has another. Empty: not known, and not compared. */
  instance: string;
  /** `VgpuLayout l` */
  resource: string;
}

/** A vGPU that another resource of the same stack has or wants, as its state or its inputs say. */
export interface Sibling {
  /** `VgpuLayout l` */
  resource: string;
  urn: string;
  uuid: string;
  /** Where the state has it, and of which type. */
  function?: PciAddress;
  typeId?: number;
}

interface Common {
  /** Whose goal it is: steps and blockers are for such keys. */
  key: string;
  claim: Claim;
  /** What belongs to the stack though no record says so. Left out: nothing is known of other resources. */
  siblings?: readonly Sibling[];
}

/** The driver of the host. */
export interface DriverGoal extends Common {
  kind: "driver";
  state: "installed" | "absent";
  arguments: DriverArguments;
  /** Where the package lies on the host, or will after the upload; absent when none is given. */
  packageOnHost?: string;
  /** Of a local package, for the question whether there is room. */
  packageBytes?: number;
}

/** Virtual functions of GPUs of the host. */
export interface SriovGoal extends Common {
  kind: "sriov";
  state: "enabled" | "disabled";
  gpus: SriovArguments["gpus"];
  /** The cards that its selectors have found already. */
  pins?: Pin[];
}

/** One vGPU as somebody wants it. */
export interface DesiredVgpu {
  uuid: string;
  type: VgpuTypeName;
  virtualFunction?: VirtualFunctionSelector;
  parameters?: string;
  /** Its name within a layout; for messages. */
  name?: string;
  /** Any vGPU of this type that nobody claims will do: one of a layout's counts. */
  interchangeable: boolean;
  /** The state has a vGPU of this UUID, which was not adopted: without a record it is ours all the same. */
  known?: true;
  /** Where the state has it, and of which type. */
  last?: Pick<ObsoleteVgpu, "function" | "typeId">;
}

/** A vGPU that was made for this goal and is to go. */
export interface ObsoleteVgpu {
  uuid: string;
  /** Where it was last, and of which type: the next owner of a VF in the vendor framework must not lose it (B77). */
  function: PciAddress;
  typeId: number;
  /** It was there before the resource: it is given back. */
  adopted?: true;
}

/** vGPUs of one card: those of a MdevVgpu, or of a VgpuLayout. */
export interface VgpuGoal extends Common {
  kind: "vgpus";
  gpu: GpuSelector;
  /** The card that it has already; left out: none yet. */
  pin?: Pin;
  desired: DesiredVgpu[];
  obsolete: ObsoleteVgpu[];
  /** A layout may be told to free before it creates; for a single vGPU the lock-in is an error that says so. */
  managesWholeGpu: boolean;
  /** What is unwanted and in use stays, instead of being in the way. */
  keepInUse?: true;
  /** Owners, and "unrecorded", whose vGPUs become this resource's own where they are wanted. */
  takeOver?: string[];
}

export type Goal = DriverGoal | SriovGoal | VgpuGoal;
