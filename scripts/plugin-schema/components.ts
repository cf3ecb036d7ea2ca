import { z } from "zod";
import { FleetFile } from "../../provider/fleet/schema/file";
import { HostSettings } from "../../provider/fleet/schema/settings";
import { ExistingVgpu } from "../../provider/lifecycle/kinds/output-schemas";
import { connection } from "../../provider/model/connection";

const { name: _, group: __, protect, connection: ___, ...host } = HostSettings.shape;

const previewHosts = z
  .boolean()
  .optional()
  .describe("In a preview, print the planned steps of the hosts in one message. Default: true.");

const HostOfFleet = z.strictObject({ connection: connection.describe("How to reach it."), ...host, protect });

const vgpusOfHost = z.record(z.string(), z.record(z.string(), ExistingVgpu));

/** What components take and have, for the package schema. Arguments of a host are those of the fleet file. */
export const components = {
  VgpuHost: {
    inputs: { connection: connection.describe("How to reach it."), ...host, previewHosts },
    outputs: {
      vgpus: vgpusOfHost.describe("Its vGPUs, by the key of the GPU and the name within the layout."),
    },
  },
  VgpuFleet: {
    inputs: {
      file: z.string().optional().describe("The fleet file, relative to the folder of the program."),
      hosts: z
        .record(z.string(), HostOfFleet)
        .optional()
        .describe("The hosts, by names that never change. Default: the hosts of the file."),
      rollout: FleetFile.shape.rollout,
      previewHosts,
      maxConnections: z.int().optional().describe("Maximum number of concurrent logins of a preview. Default: 16."),
    },
    outputs: {
      vgpus: z
        .record(z.string(), vgpusOfHost)
        .describe("All vGPUs, by host, key of the GPU and name within the layout."),
    },
  },
};
