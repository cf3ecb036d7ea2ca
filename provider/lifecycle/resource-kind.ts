import type { HostFacts } from "../model/facts/host-facts";
import type { Claim, Desire, Sibling } from "../plan";
import type { ExistingVgpu } from "./kinds/outputs";
import type { ObjectSchema } from "./parse-known";
import type { State } from "./state";

/** Whose life it is, as far as a kind has to know. */
export interface Subject {
  urn: string;
  /** Recorded on hosts beside what is its own. */
  claim: Claim;
  /** What the last run left as outputs; empty for what is new. */
  last: State;
  /** vGPUs that other resources of the stack have on the host, as far as this process knows by now. */
  siblings?: () => Sibling[];
}

/** A local file that the host will need. */
export interface Cargo {
  from: string;
  to: string;
  bytes: number;
  sha256: string;
}

/** How a host shows a resource. */
export interface Sight {
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
  complete?(given: State, before: State, urn: string): State;
  /** Never changes in a resource's life. */
  id(given: A, name: string, host: string): string;
  cargo?(wanted: A): Promise<Cargo | undefined>;
  /** How many seconds its host may take to come back from a reboot. */
  rebootSeconds?(wanted: A): number | undefined;
  desire(wanted: A, subject: Subject, cargo?: Cargo): Desire;
  /** What is wanted when it is deleted; undefined: all stays as it is. Devices that others need are left out. */
  farewell(wanted: A, subject: Subject, isNeeded: (device: string) => boolean): Desire | undefined;
  /** What of a host it has, where two resources may have the same. */
  devices?(last: State): string[];
  /** Which vGPUs it has by its state, or wants by its inputs. */
  vgpus?(from: State): Partial<ExistingVgpu>[];
  /** undefined: it is surely gone. */
  see(facts: HostFacts, wanted: A, subject: Subject): Sight | undefined;
  /** Something that is only read, whoever made it; undefined: there is none. */
  find(facts: HostFacts, id: string, given: State): Sight | undefined;
  /** Properties whose change makes it another thing. */
  replaces?(last: State, wanted: State): string[];
}
