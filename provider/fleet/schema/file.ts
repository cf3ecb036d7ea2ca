import { z } from "zod";
import { HostName, HostPattern } from "./common";
import { HostInput, SettingsInput, settingsShape } from "./settings";

const Group = z
  .strictObject({
    hosts: z
      .union([HostPattern, z.array(HostPattern).min(1)])
      .describe("Hosts: a name, a pattern such as gpu[01-40,44].rack2.example, or a list of them."),
    ...settingsShape,
    overrides: z
      .record(HostName, HostInput)
      .optional()
      .describe("Settings of single hosts of the group, by host name."),
  })
  .meta({ id: "group" });

const GroupName = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]*$/, "the name of a group consists of letters, digits, dots, dashes and underscores");

const Rollout = z.strictObject({
  canary: z
    .array(HostName)
    .optional()
    .describe("Names of the hosts that are changed first. The others wait until these are verified."),
  batch: z.int().min(1).optional().describe("Number of hosts in each wave after that. Default: all others at once."),
});

/** A fleet file as it is in YAML, before merging. */
export const FleetFile = z
  .strictObject({
    version: z
      .literal(1, {
        error: ({ input }) => `${input === undefined ? "required; " : ""}this release reads version 1`,
      })
      .describe("Version of this format: 1."),
    defaults: SettingsInput.optional().describe(
      "Settings of all hosts. A group, an override or the entry of a host takes precedence.",
    ),
    rollout: Rollout.optional().describe("Waves in which hosts are changed. Default: all at once."),
    groups: z
      .record(GroupName, Group)
      .optional()
      .describe("Groups of similar hosts, by a name of your choice. A host is in one group, or under hosts."),
    hosts: z.record(HostName, HostInput).optional().describe("Single hosts, by host name."),
  })
  .meta({
    title: "Fleet of vGPU hosts",
    description:
      "The hosts of a fleet, their drivers and their vGPUs, for pulumi-nvidia-vgpu. Maps are merged: defaults, group, override; " +
      "vgpus, named, gpuInstances and driver are replaced as a whole.",
  });
export type FleetFile = z.infer<typeof FleetFile>;
