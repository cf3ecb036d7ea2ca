import { z } from "zod";
import { HostName, HostPattern } from "./common";
import { HostInput, SettingsInput, writtenSettings } from "./settings";

const Group = z
  .strictObject({
    hosts: z
      .union([HostPattern, z.array(HostPattern).min(1)])
      .describe("The hosts: a name, a pattern such as gpu[01-40,44].rack2.example, or a list of them."),
    ...writtenSettings,
    overrides: z
      .record(HostName, HostInput)
      .optional()
      .describe("What is different on single hosts of the group, by their names."),
  })
  .meta({ id: "group" });

const GroupName = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]*$/, "a group's name has letters, digits, dots, dashes and underscores");

const Rollout = z.strictObject({
  canary: z
    .array(HostName)
    .optional()
    .describe("Hosts that come first, by their names; the others wait until they are proved healthy."),
  batch: z.int().min(1).optional().describe("How many hosts a wave has after that. Default: all the others at once."),
});

/** A fleet file as it is written. */
export const FleetFile = z
  .strictObject({
    version: z
      .literal(1, {
        error: ({ input }) => `${input === undefined ? "it has to be given: " : ""}this release reads version 1`,
      })
      .describe("Version of this format: 1."),
    defaults: SettingsInput.optional().describe(
      "What holds for all hosts, unless their group, their override or their own entry says otherwise.",
    ),
    rollout: Rollout.optional().describe("In which waves hosts are changed. Default: all at once."),
    groups: z
      .record(GroupName, Group)
      .optional()
      .describe("Hosts that are alike, by a name of your choice. A host belongs to one group, or stands under hosts."),
    hosts: z.record(HostName, HostInput).optional().describe("Single hosts, by their names."),
  })
  .meta({
    title: "Fleet of vGPU hosts",
    description:
      "The hosts of a fleet, their drivers and their vGPUs, for pulumi-nvidia-vgpu. Maps are merged: defaults, group, override; " +
      "vgpus, named and driver are taken as a whole.",
  });
export type FleetFile = z.infer<typeof FleetFile>;
