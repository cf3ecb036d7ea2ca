/** A GPU as the driver's resource shows it, under each of its names. */
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

/** A vGPU type that a GPU offers. */
export interface CreatableType {
  id: number;
  name?: string;
  framebufferMiB?: number;
  /** How many the GPU holds when it holds nothing else. */
  maxInstances?: number;
}

/** A GPU whose virtual functions are on. */
export interface EnabledGpu {
  address: string;
  uuid?: string;
  /** Addresses, by number. */
  virtualFunctions: string[];
  /** mdev: through /sys/bus/mdev. vendor: through the type file of a VF. */
  framework?: "mdev" | "vendor";
  /** What could be created when these virtual functions were first seen; what fits beside other vGPUs changes with each of them. */
  creatableTypes: CreatableType[];
}

/** The GPU that a resource has since its first success. */
export interface PinnedGpu {
  gpuAddress: string;
  /** Not known where no driver has told it. */
  gpuUuid?: string;
}

/** A vGPU that exists. */
export interface ExistingVgpu {
  uuid: string;
  /** The physical GPU. */
  gpuAddress: string;
  /** What it was created on: a virtual function, or the GPU itself where it takes none. */
  parentAddress: string;
  framework: "mdev" | "vendor";
  typeId: number;
  typeName?: string;
  framebufferMiB?: number;
  iommuGroup?: number;
  /** It was there before: it is given back when the resource goes. */
  adopted?: true;
  /** What a libvirt domain needs to be given it. */
  hostdevXml: string;
}

/** The machine itself: its hardware, and what is installed on it. */
export interface HostIdentity {
  productUuid?: string;
  machineId?: string;
}
