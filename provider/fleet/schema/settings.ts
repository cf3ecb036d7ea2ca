import { z } from "zod";
import { DriverArguments, DriverSelection } from "../../model/desired/driver";
import { RestoreAtBoot } from "../../model/desired/restore-at-boot";
import { HostName } from "./common";
import { ConnectionInput, FleetConnection } from "./connection";
import { GpuInput, GpuKey, HostGpus } from "./gpus";

const { reboot, rebootTimeout, iommu, prerequisites, dkms } = DriverArguments.shape;

const hostShape = {
  driver: DriverSelection.meta({ id: "driver" })
    .optional()
    .describe(
      "The vGPU Manager. Paths are relative to this file. Replaced as a whole: a driver is not merged with that of another layer.",
    ),
  reboot: reboot.unwrap().optional().describe(`${reboot.description} Default: never.`),
  rebootTimeout: rebootTimeout.describe(rebootTimeout.description!),
  iommu: iommu.unwrap().optional().describe(`${iommu.description} Default: false.`),
  prerequisites: prerequisites.unwrap().optional().describe(`${prerequisites.description} Default: install.`),
  dkms: dkms.describe(dkms.description!),
  restoreAtBoot: RestoreAtBoot.unwrap().optional().describe(`${RestoreAtBoot.description} Default: true.`),
  maintenance: z
    .string()
    .trim()
    .min(1, "give a reason")
    .optional()
    .describe("Reason for maintenance. While it is set, the host is neither read nor changed."),
};

const protect = z.boolean().describe("Pulumi refuses to delete the resources of this host. Default: false.");

/** The settings of hosts in one layer. The layers of a host are merged. */
export const settingsShape = {
  connection: ConnectionInput.optional().describe(
    "How to reach the machine, as in remote.ConnectionArgs of @pulumi/command.",
  ),
  ...hostShape,
  gpus: z
    .record(GpuKey, GpuInput)
    .optional()
    .describe("The GPUs, by a short key of your choice that stays the same: {a: {gpu: {model: L40S, index: 0}}}."),
  protect: protect.optional().describe(protect.description!),
};

const formerly = HostName.optional().describe(
  "Former name of this host in the file: it keeps its resources, and nothing on it changes. Remove it after the next up.",
);

/** The settings of a single host in the file. */
export const HostInput = z.strictObject({ ...settingsShape, formerly }).meta({ id: "host" });

export const SettingsInput = z.strictObject(settingsShape).meta({ id: "settings" });
export type SettingsInput = z.infer<typeof SettingsInput>;

/** The merged settings of one host. */
export const HostSettings = z.strictObject({
  name: z.string(),
  group: z.string().optional(),
  formerly,
  connection: FleetConnection,
  ...hostShape,
  gpus: HostGpus,
  protect: protect.default(false),
});
export type HostSettings = z.infer<typeof HostSettings>;
