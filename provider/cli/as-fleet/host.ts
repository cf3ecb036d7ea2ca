import type { FleetConnection } from "../../fleet";
import type { HostFacts } from "../../model/facts/host-facts";
import type { DescribedGpu } from "./gpus";
import { describeGpus } from "./gpus";

/** A host that was looked at, and how. */
export interface InspectedHost {
  name: string;
  connection: FleetConnection;
  facts: HostFacts;
}

/** A host as a fleet file would declare it, as it is now. */
export interface DescribedHost {
  name: string;
  connection: Partial<FleetConnection>;
  driver?: { version: string };
  gpus: Record<string, DescribedGpu>;
  /** Of its cards. */
  models: string[];
  /** What the file cannot say. */
  remarks: string[];
}

export function describeHost({ name, connection, facts }: InspectedHost): DescribedHost {
  const { host, ...how } = connection;
  const { flavour, loaded } = facts.driver;
  const { gpus, leftOut } = describeGpus(facts);
  return {
    name,
    connection: host === name ? how : connection,
    ...(flavour === "vgpu-manager" && loaded ? { driver: { version: loaded } } : {}),
    gpus,
    models: facts.gpus.flatMap(({ model }) => model?.replace(/^(NVIDIA|Tesla) /, "") ?? []),
    remarks: leftOut.map((why) => `left out: ${why}`),
  };
}
