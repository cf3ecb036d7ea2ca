import { z } from "zod";
import { DriverArguments, DriverSelection } from "../../model/desired/driver";
import { HostName } from "./common";
import { ConnectionInput, FleetConnection } from "./connection";
import { GpuInput, GpuKey, HostGpus } from "./gpus";

const { reboot, rebootTimeout, iommu, prerequisites, dkms } = DriverArguments.shape;

const ofHost = {
  driver: DriverSelection.meta({ id: "driver" })
    .optional()
    .describe(
      "The vGPU Manager. Paths are relative to this file. Taken as a whole: a part with a driver takes nothing of it from others.",
    ),
  reboot: reboot.unwrap().optional().describe(`${reboot.description} Default: never.`),
  rebootTimeout: rebootTimeout.describe(rebootTimeout.description!),
  iommu: iommu.unwrap().optional().describe(`${iommu.description} Default: false.`),
  prerequisites: prerequisites.unwrap().optional().describe(`${prerequisites.description} Default: install.`),
  dkms: dkms.describe(dkms.description!),
  maintenance: z
    .string()
    .trim()
    .min(1, "say why, in a few words")
    .optional()
    .describe("Why this host is left alone for now: nothing is read from it or changed on it."),
};

const protect = z.boolean().describe("Have Pulumi refuse to delete what belongs to this host. Default: false.");

/** What a part of the file says of hosts; the parts of one host are merged. */
export const writtenSettings = {
  connection: ConnectionInput.optional().describe(
    "How the machine is reached, as in remote.ConnectionArgs of @pulumi/command.",
  ),
  ...ofHost,
  gpus: z
    .record(GpuKey, GpuInput)
    .optional()
    .describe("The cards, each under a short key of your choice that stays: {a: {gpu: {model: L40S, index: 0}}}."),
  protect: protect.optional().describe(protect.description!),
};

const formerly = HostName.optional().describe(
  "What this host was called in the file before: it keeps all that it has, and nothing on it changes. Can go after the next up.",
);

/** What is said of a single host. */
export const HostInput = z.strictObject({ ...writtenSettings, formerly }).meta({ id: "host" });

export const SettingsInput = z.strictObject(writtenSettings).meta({ id: "settings" });
export type SettingsInput = z.infer<typeof SettingsInput>;

/** All that the file says of one host. */
export const HostSettings = z.strictObject({
  name: z.string(),
  group: z.string().optional(),
  formerly,
  connection: FleetConnection,
  ...ofHost,
  gpus: HostGpus,
  protect: protect.default(false),
});
export type HostSettings = z.infer<typeof HostSettings>;
