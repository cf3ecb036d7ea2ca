import { z } from "zod";
import type { State } from "../lifecycle/state";
import type { Connection } from "../model/connection";
import { connection } from "../model/connection";

const { host: _, hostKey: __, ...login } = connection.shape;

/** The configuration of the provider: what connections have if they do not set it themselves, and how previews behave. */
export const Configuration = z.strictObject({
  ...login,
  previewHosts: z
    .boolean()
    .optional()
    .describe(
      "In a preview, read the hosts of resources that are created or changed, and show their steps. Default: true.",
    ),
  strictPreview: z
    .boolean()
    .optional()
    .describe("A preview fails if a host is unreachable, or a change is blocked. Default: false."),
});
export type Configuration = z.infer<typeof Configuration>;

/** What Pulumi itself adds to the configuration of a provider. */
const ofPulumi = ["version", "pluginDownloadURL", "__internal"];

/** Parses the configuration. Values of a stack arrive as text, objects among them as JSON. */
export function parseConfiguration(given: State): { value: Configuration; issues: z.core.$ZodIssue[] } {
  const own = Object.entries(given).filter(([key, value]) => !ofPulumi.includes(key) && value !== null);
  const typed = Object.fromEntries(own.map(([key, value]) => [key, typedValue(key, value)]));
  const { data, error } = Configuration.safeParse(typed);
  return { value: data ?? {}, issues: error?.issues ?? [] };
}

function typedValue(key: string, value: unknown): unknown {
  const schema = (Configuration.shape as Record<string, z.ZodType>)[key];
  if (typeof value !== "string" || schema === undefined || schema.safeParse(value).success) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** Properties of a connection that exclude each other, or belong together. */
const groups = [
  ["privateKey", "privateKeyPath", "privateKeyPassword"],
  ["hostKey", "knownHosts"],
];

/** Returns a connection with what the configuration has and the connection leaves open. It is never kept in a state. */
export function withDefaults(given: Connection, configuration: Configuration): Connection {
  const { previewHosts: _, strictPreview: __, ...defaults } = configuration;
  const taken = groups.filter((group) => group.some((key) => key in given)).flat();
  const open = Object.entries(defaults).filter(([key, value]) => value !== undefined && !taken.includes(key));
  return { ...(Object.fromEntries(open) as Partial<Connection>), ...given };
}
