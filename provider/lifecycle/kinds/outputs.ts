/** A GPU of a host, with all its names. */
export interface FoundGpu {
  /** `0000:82:00.0` */
  address: string;
  /** NVIDIA's "transformed BDF": `82_00_0`. */
  transformedBdf: string;
  /** libvirt's node device: `pci_0000_82_00_0`. */
  libvirtName: string;
  /** `10de:2235` */
  pciId: string;
  model?: string;
  uuid?: string;
}

/** A vGPU type that can be created on a GPU. */
export interface CreatableType {
  id: number;
  name?: string;
  framebufferMiB?: number;
  /** Maximum number on the GPU without vGPUs of other types. */
  maxInstances?: number;
}

/** A GPU with enabled virtual functions. */
export interface EnabledGpu {
  address: string;
  uuid?: string;
  /** Addresses, by number. */
  virtualFunctions: string[];
  /** mdev: through /sys/bus/mdev. vendor: through the type file of a VF. */
  framework?: "mdev" | "vendor";
  /** Types that could be created when these virtual functions were first observed. Each vGPU changes what else fits. */
  creatableTypes: CreatableType[];
}

/** A GPU instance of a GPU in MIG mode. */
export interface GpuInstanceOutput {
  /** Given by the driver, anew with each instance. */
  id: number;
  profileId: number;
  /** `3g.20gb` */
  profile?: string;
  /** The first of its memory slices, and their number. */
  start: number;
  size: number;
}

/** What a GPU in MIG mode is divided into. */
export interface GpuDivision {
  gpuInstances: GpuInstanceOutput[];
  /** The memory slices that no GPU instance takes. */
  freeSlices: number[];
}

/** A GPU in MIG mode. */
export interface MigGpu extends GpuDivision {
  address: string;
  uuid?: string;
}

/** MIG of the GPU of a layout, which supports it. */
export interface LayoutMig extends GpuDivision {
  /** MIG mode is on. */
  enabled: boolean;
}

/** The GPU to which a resource is pinned after its first success. */
export interface PinnedGpu {
  gpuAddress: string;
  /** Unknown without a driver. */
  gpuUuid?: string;
}

/** A vGPU that exists. */
export interface ExistingVgpu {
  uuid: string;
  /** The physical GPU. */
  gpuAddress: string;
  /** Where it was created: a virtual function, or the GPU if that does not use virtual functions. */
  parentAddress: string;
  framework: "mdev" | "vendor";
  typeId: number;
  typeName?: string;
  framebufferMiB?: number;
  iommuGroup?: number;
  /** The GPU instance that it is on, where the driver shows it. */
  gpuInstance?: GpuInstanceOutput;
  /** Where its memory begins on the GPU or in its GPU instance, where the driver shows it. */
  placementId?: number;
  /** It existed before the resource, and stays when the resource is deleted. */
  adopted?: true;
  /** The element that adds the vGPU to a libvirt domain. */
  hostdevXml: string;
}

/** The outputs of a single vGPU, apart from its UUID, which is an input, too. */
export const vgpuOutputs: readonly (keyof ExistingVgpu | keyof PinnedGpu)[] = [
  "gpuAddress",
  "gpuUuid",
  "parentAddress",
  "framework",
  "typeId",
  "typeName",
  "framebufferMiB",
  "iommuGroup",
  "gpuInstance",
  "placementId",
  "adopted",
  "hostdevXml",
];

/** Why the last `up` did not finish a resource of a fleet, although the `up` continued on other hosts. */
export interface Failure {
  /**
   * blocked: nothing was changed because of a blocker. failed: a step failed. unreachable: the host could not be reached. waiting: a
   * resource or host that comes first has failed.
   */
  kind: "blocked" | "failed" | "unreachable" | "waiting";
  message: string;
}

/** The machine: its hardware, and its installation. */
export interface HostIdentity {
  productUuid?: string;
  machineId?: string;
}
