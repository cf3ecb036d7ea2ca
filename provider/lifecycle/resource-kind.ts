import type { HostFacts } from "../model/facts/host-facts";
import type { Claim, Goal, Sibling } from "../plan";
import type { ExistingVgpu } from "./kinds/outputs";
import type { ObjectSchema } from "./parse";
import type { State } from "./state";

/** Whose life it is, as far as a kind has to know. */
export interface ResourceInstance {
  urn: string;
  /** Recorded on hosts beside what is its own. */
  claim: Claim;
  /** What the last run left as outputs; empty for what is new. */
  last: State;
  /** vGPUs that other resources of the stack have on the host, as far as this process knows by now. */
  siblings?: () => Sibling[];
}

/** A local file that the host will need. */
export interface PackageFile {
  from: string;
  to: string;
  bytes: number;
  sha256: string;
}

/** How a host shows a resource. */
export interface Observation {
  /** The arguments as they would have to be for the host to be as it is: so a diff shows what drifted. */
  arguments: State;
  outputs: State;
}

/** What one kind of resource is made of; its life is the same for all. A: its own arguments. */
export interface ResourceKind<A extends object> {
  /** In the type's token: `MdevVgpu`. */
  readonly name: string;
  readonly schema: ObjectSchema<A>;
  /** Fills in what is derived, when a resource is declared; parts may be unknown yet. */
  withDefaults?(given: State, before: State, urn: string): State;
  /** Never changes in a resource's life. */
  id(given: A, name: string, host: string): string;
  upload?(wanted: A): Promise<PackageFile | undefined>;
  /** How many seconds its host may take to come back from a reboot. */
  rebootSeconds?(wanted: A): number | undefined;
  goal(wanted: A, resource: ResourceInstance, file?: PackageFile): Goal;
  /** What is wanted when it is deleted; undefined: all stays as it is. Devices that others need are left out. */
  goalOnDelete(wanted: A, resource: ResourceInstance, isNeeded: (device: string) => boolean): Goal | undefined;
  /** What of a host it has, where two resources may have the same. */
  devices?(last: State): string[];
  /** Which vGPUs it has by its state, or wants by its inputs. */
  vgpus?(from: State): Partial<ExistingVgpu>[];
  /** undefined: it is surely gone. */
  observe(facts: HostFacts, wanted: A, resource: ResourceInstance): Observation | undefined;
  /** Something that is only read, whoever made it; undefined: there is none. */
  lookup(facts: HostFacts, id: string, given: State): Observation | undefined;
  /** Properties whose change makes it another thing. */
  replaces?(last: State, wanted: State): string[];
}
