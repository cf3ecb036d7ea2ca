import { z } from "zod";
import { orUnknown } from "../unknown";
import { BootFacts } from "./boot";
import { DriverFacts } from "./driver";
import { Gpu } from "./gpu";
import { SystemFacts } from "./system";
import { Container, Guest, Holder, Process } from "./users";
import { MdevDefinition, Vgpu, VgpuRecord } from "./vgpu";

/** Everything that plans rest on: one host at one moment. */
export const HostFacts = z.object({
  system: SystemFacts,
  boot: BootFacts,
  driver: DriverFacts,
  gpus: z.array(Gpu),
  vgpus: z.array(Vgpu),
  records: orUnknown(z.array(VgpuRecord)),
  mdevDefinitions: orUnknown(z.array(MdevDefinition)),
  guests: orUnknown(z.array(Guest)),
  /** Virtual machines that run now, with or without a GPU, whoever started them. */
  virtualMachines: orUnknown(z.array(Process)),
  /** One process of each container that runs now. */
  containers: orUnknown(z.array(Container)),
  holders: orUnknown(z.array(Holder)),
});
export type HostFacts = z.infer<typeof HostFacts>;
