import type { HostFacts } from "../model/facts/host-facts";
import type { Claim, Goal, Sibling } from "../plan";
import type { ExistingVgpu } from "./kinds/outputs";
import type { ObjectSchema } from "./parse";
import type { State } from "./state";

/** The resource instance that a kind works on. */
export interface ResourceInstance {
  urn: string;
  /** Recorded on hosts with each vGPU of the resource. */
  claim: Claim;
  /** The last state; empty for a new resource. */
  last: State;
  /** Returns vGPUs that other resources of the stack have on the host, as far as this process knows. */
  siblings?: () => Sibling[];
}

/** A local file to upload. */
export interface PackageFile {
  from: string;
  to: string;
  bytes: number;
  sha256: string;
}

/** A resource as observed on the host. */
export interface Observation {
  /** The arguments that would declare the host as it is, so that a diff shows drift. */
  arguments: State;
  outputs: State;
}

/** What differs between kinds of resources. A: the arguments of the kind. */
export interface ResourceKind<A extends object> {
  /** The name in the type token: `MdevVgpu`. */
  readonly name: string;
  readonly schema: ObjectSchema<A>;
  /** What it has in addition to its arguments, and to what all kinds have. */
  readonly outputs: ObjectSchema;
  /** What an import names in addition to the host. Left out: nothing, a host has one. */
  readonly importedBy?: "gpu" | "uuid";
  /** Adds derived arguments on check. Parts may be unknown yet. */
  withDefaults?(given: State, before: State, urn: string): State;
  /** Returns the id, which never changes. */
  id(given: A, name: string, host: string): string;
  upload?(declared: A): Promise<PackageFile | undefined>;
  /** Returns the maximum time for a reboot, in seconds. */
  rebootSeconds?(declared: A): number | undefined;
  goal(declared: A, resource: ResourceInstance, file?: PackageFile): Goal;
  /** Returns the goal on delete, without devices that others need. undefined: everything stays. */
  goalOnDelete(declared: A, resource: ResourceInstance, isNeeded: (device: string) => boolean): Goal | undefined;
  /** Returns the devices of a resource that another resource may have, too. */
  devices?(last: State): string[];
  /** Returns the vGPUs of a state, or of inputs. */
  vgpus?(from: State): Partial<ExistingVgpu>[];
  /** Returns the resource as observed. undefined: it no longer exists. */
  observe(facts: HostFacts, declared: A, resource: ResourceInstance): Observation | undefined;
  /** Returns outputs that are certain before the resource is created or updated. */
  foreseen?(facts: HostFacts, declared: A, resource: ResourceInstance): State;
  /** Returns an object that is only read. undefined: there is none. */
  lookup(facts: HostFacts, id: string, given: State): Observation | undefined;
  /** The same with arguments that declare the object completely, for an import. Left out: `lookup` does. */
  lookupForImport?(facts: HostFacts, id: string, given: State): Observation | undefined;
  /** Returns the changed properties that require a replacement. */
  replaces?(last: State, inputs: State): string[];
}
