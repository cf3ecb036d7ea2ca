// Apart from the types in outputs.ts: what programs import must not need the types of zod, which the compiler that Pulumi has for
// programs without their own does not understand.
import { z } from "zod";
import type * as outputs from "./outputs";

/** A GPU of a host, with all its names. */
export const FoundGpu = z.object({
  address: z.string().describe("PCI address: 0000:82:00.0."),
  transformedBdf: z.string().describe("The transformed BDF of NVIDIA: 82_00_0."),
  libvirtName: z.string().describe("The node device of libvirt: pci_0000_82_00_0."),
  pciId: z.string().describe("PCI id: 10de:2235."),
  model: z.string().optional(),
  uuid: z.string().optional(),
}) satisfies z.ZodType<outputs.FoundGpu>;

/** A vGPU type that can be created on a GPU. */
export const CreatableType = z.object({
  id: z.int(),
  name: z.string().optional(),
  framebufferMiB: z.int().optional(),
  maxInstances: z.int().optional().describe("Maximum number on the GPU without vGPUs of other types."),
}) satisfies z.ZodType<outputs.CreatableType>;

const framework = z
  .enum(["mdev", "vendor"])
  .describe("mdev: through /sys/bus/mdev. vendor: through the type file of a VF.");

/** A GPU with enabled virtual functions. */
export const EnabledGpu = z.object({
  address: z.string(),
  uuid: z.string().optional(),
  virtualFunctions: z.array(z.string()).describe("Addresses, by number."),
  framework: framework.optional(),
  creatableTypes: z
    .array(CreatableType)
    .describe(
      "Types that could be created when these virtual functions were first observed. Each vGPU changes what else fits.",
    ),
}) satisfies z.ZodType<outputs.EnabledGpu>;

/** A GPU instance of a GPU in MIG mode. */
export const GpuInstance = z.object({
  id: z.int().describe("Given by the driver, anew with each instance."),
  profileId: z.int(),
  profile: z.string().optional().describe("The profile by name: 3g.20gb."),
  start: z.int().describe("The first of its memory slices."),
  size: z.int().describe("The number of its memory slices."),
}) satisfies z.ZodType<outputs.GpuInstanceOutput>;

const gpuDivision = {
  gpuInstances: z.array(GpuInstance),
  freeSlices: z.array(z.int()).describe("The memory slices that no GPU instance takes."),
};

/** A GPU in MIG mode. */
export const MigGpu = z.object({
  ...gpuDivision,
  address: z.string(),
  uuid: z.string().optional(),
}) satisfies z.ZodType<outputs.MigGpu>;

/** MIG of the GPU of a layout, which supports it. */
export const LayoutMig = z.object({
  ...gpuDivision,
  enabled: z.boolean().describe("MIG mode is on."),
}) satisfies z.ZodType<outputs.LayoutMig>;

/** The GPU to which a resource is pinned after its first success. */
export const PinnedGpu = z.object({
  gpuAddress: z.string().describe("The physical GPU."),
  gpuUuid: z.string().optional().describe("UUID of the physical GPU. Unknown without a driver."),
}) satisfies z.ZodType<outputs.PinnedGpu>;

/** A vGPU that exists. */
export const ExistingVgpu = z.object({
  uuid: z.string().describe("Identity of the vGPU."),
  gpuAddress: z.string().describe("The physical GPU."),
  parentAddress: z
    .string()
    .describe("Where it was created: a virtual function, or the GPU if that does not use virtual functions."),
  framework,
  typeId: z.int(),
  typeName: z.string().optional(),
  framebufferMiB: z.int().optional(),
  iommuGroup: z.int().optional(),
  gpuInstance: GpuInstance.optional().describe("The GPU instance that it is on, where the driver shows it."),
  placementId: z
    .int()
    .optional()
    .describe("Where its memory begins on the GPU or in its GPU instance, where the driver shows it."),
  adopted: z
    .literal(true)
    .optional()
    .describe("It existed before the resource, and stays when the resource is deleted."),
  hostdevXml: z.string().describe("The element that adds the vGPU to a libvirt domain."),
}) satisfies z.ZodType<outputs.ExistingVgpu>;

/** The outputs of a single vGPU, apart from its UUID, which is an input, too. */
export const SingleVgpu = z.object({ ...ExistingVgpu.omit({ uuid: true }).shape, ...PinnedGpu.shape });

/** Why the last `up` did not finish a resource of a fleet, although the `up` continued on other hosts. */
export const Failure = z.object({
  kind: z
    .enum(["blocked", "failed", "unreachable", "waiting"])
    .describe(
      "blocked: nothing was changed because of a blocker. failed: a step failed. unreachable: the host could not be reached. waiting: a resource or host that comes first has failed.",
    ),
  message: z.string(),
}) satisfies z.ZodType<outputs.Failure>;

/** The machine: its hardware, and its installation. */
export const HostIdentity = z.object({
  productUuid: z.string().optional(),
  machineId: z.string().optional(),
}) satisfies z.ZodType<outputs.HostIdentity>;

/** The outputs that all kinds have in addition to their own. */
export const CommonOutputs = z.object({
  appliedAt: z
    .string()
    .describe(
      "When it was last applied with a change; 1970-01-01T00:00:00.000Z after an import. Resources that depend on it are applied again when this changes.",
    ),
  pending: z.array(z.string()).describe("What is left to do, in sentences; empty if the host is in sync."),
  identity: HostIdentity.describe("The machine, identified by its hardware and its installation."),
  unreachable: z.string().optional().describe("Why the last refresh could not read the host."),
  failure: Failure.optional().describe(
    "Why the last up did not finish it. Only in a fleet, where an up continues on the other hosts.",
  ),
});
