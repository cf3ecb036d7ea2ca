import { z } from "zod";
import { orUnknown } from "../unknown";
import { BootFacts } from "./boot";
import { DriverFacts } from "./driver";
import { Gpu } from "./gpu";
import { RestoreFacts } from "./restore";
import { SystemFacts } from "./system";
import { Container, Guest, Holder, Process } from "./users";
import { MdevDefinition, Vgpu, VgpuRecord } from "./vgpu";

/** One host at one moment: the input of all plans. */
export const HostFacts = z.object({
  system: SystemFacts,
  boot: BootFacts,
  driver: DriverFacts,
  gpus: z.array(Gpu),
  vgpus: z.array(Vgpu),
  records: orUnknown(z.array(VgpuRecord)),
  restore: RestoreFacts,
  mdevDefinitions: orUnknown(z.array(MdevDefinition)),
  guests: orUnknown(z.array(Guest)),
  /** All virtual machines that run now, with or without a GPU. */
  virtualMachines: orUnknown(z.array(Process)),
  /** One process of each container that runs now. */
  containers: orUnknown(z.array(Container)),
  holders: orUnknown(z.array(Holder)),
});
export type HostFacts = z.infer<typeof HostFacts>;
