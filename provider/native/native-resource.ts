import { differences } from "../lifecycle/differences";
import { PartialFailure } from "../lifecycle/engine/errors";
import type { NativeHandler } from "../lifecycle/handler";
import { previewKey, providerKey } from "../lifecycle/inputs";
import type { Path } from "../lifecycle/parse";
import type { ResourceKind } from "../lifecycle/resource-kind";
import type { State } from "../lifecycle/state";
import type { Configuration } from "./configuration";
import { importedGpu, parseImportId } from "./import-id";
import { referenceOf, resolveOn } from "./on";
import type { Urns } from "./urns";

/** A difference as the engine shows it. */
export interface PropertyDifference {
  path: Path;
  change: "add" | "delete" | "update";
  isReplaced: boolean;
  isInput: boolean;
}

export interface ChangeOptions {
  isPreview: boolean;
  signal: AbortSignal;
}

/**
 * A kind of resource as the engine calls it through a native plugin. The engine tells such a plugin the URN of a resource and whether
 * it runs in a preview; the core has the URN as an input.
 */
export class NativeResource {
  /** The states that the engine has sent, by URN: a create of one of these is part of a replacement. */
  private readonly states = new Map<string, State>();
  /** The folders in which programs read the plans of a preview. */
  private readonly folders = new Map<string, string>();

  constructor(
    private readonly kind: ResourceKind<object>,
    private readonly handler: NativeHandler,
    private readonly urns: Urns,
    private readonly configuration: () => Configuration,
  ) {}

  async check(urn: string, before: State, given: State): Promise<{ inputs: State; failures: string[] }> {
    const { [previewKey]: folder, ...own } = resolveOn(given);
    if (typeof folder === "string") this.folders.set(urn, folder);
    const last = Object.keys(before).length > 0 ? this.toCore(urn, before) : {};
    const { inputs, failures } = await this.handler.check(last, this.toCore(urn, own));
    return { inputs: withoutUrn(inputs), failures: failures.map(({ reason }) => reason) };
  }

  /** Returns what differs; empty if nothing does. */
  async diff(urn: string, id: string, last: State, inputs: State): Promise<PropertyDifference[]> {
    const [before, after] = [this.toCore(urn, last), this.toCore(urn, inputs)];
    this.states.set(urn, before);
    const { changes, replaces } = await this.handler.diff(id, before, after);
    if (changes === false) {
      this.handler.noteUnchanged(before, after);
      return [];
    }
    const found = differences(this.kind, before, after).map((one) => ({
      ...one,
      isReplaced: replaces.includes(String(one.path[0])),
      isInput: true,
    }));
    const isPending = ((last.pending as string[] | undefined) ?? []).length > 0;
    if (!isPending && found.length > 0) return found;
    return [...found, { path: ["pending"], change: "update", isReplaced: false, isInput: false }];
  }

  async create(urn: string, inputs: State, { isPreview, signal }: ChangeOptions): Promise<{ id: string; outs: State }> {
    const given = this.toCore(urn, inputs);
    const replaced = this.states.get(urn);
    const { id, outs } = isPreview
      ? await this.foresee(
          urn,
          { inputs: given, last: replaced ?? {}, change: replaced ? "replace" : "create" },
          signal,
        )
      : await this.handler.create(given, signal).catch(toEngine);
    return { id, outs: toOutputs(outs, { isPreview }) };
  }

  async update(
    urn: string,
    id: string,
    last: State,
    inputs: State,
    { isPreview, signal }: ChangeOptions,
  ): Promise<State> {
    const [before, after] = [this.toCore(urn, last), this.toCore(urn, inputs)];
    const { outs } = isPreview
      ? await this.foresee(urn, { id, inputs: after, last: before, change: "update" }, signal)
      : await this.handler.update(id, before, after, signal).catch(toEngine);
    return toOutputs(outs, { isPreview });
  }

  /** Refreshes a state, or reads an object that is not managed; the program has given its connection. */
  async read(urn: string, id: string, last: State, inputs: State): Promise<Read> {
    const from = last.schemaVersion === undefined ? resolveOn(last) : last;
    const read = await this.handler.read(id, this.toCore(urn, from));
    if (read.id === undefined) return undefined;
    this.states.set(urn, this.toCore(urn, last));
    return { id: read.id, outs: toOutputs(read.props!), inputs: read.inputs ? withoutUrn(read.inputs) : inputs };
  }

  /** Returns an object that exists as a state. Logins of the configuration are used, and not part of it. */
  async import(urn: string, id: string): Promise<Read> {
    const { connection, object } = parseImportId(id, this.kind.importedBy);
    const given = { connection, ...(this.kind.importedBy === "gpu" && { gpu: importedGpu(object!) }) };
    const read = await this.handler.importObject(object ?? "", this.toCore(urn, given));
    return { id: read.id!, outs: toOutputs(read.props!), inputs: withoutUrn(read.inputs!) };
  }

  delete(urn: string, id: string, last: State, signal: AbortSignal): Promise<void> {
    return this.handler.delete(id, this.toCore(urn, last), signal);
  }

  private foresee(
    urn: string,
    change: Pick<Parameters<NativeHandler["foresee"]>[0], "id" | "inputs" | "last" | "change">,
    signal: AbortSignal,
  ) {
    const { previewHosts: isHostRead = true, strictPreview: isStrict = false } = this.configuration();
    return this.handler.foresee({ ...change, folder: this.folders.get(urn), isHostRead, isStrict }, signal);
  }

  private toCore = (urn: string, { [providerKey]: _, ...state }: State): State => ({
    ...state,
    __urn: this.urns.toCore(urn),
  });
}

/** undefined: it no longer exists. */
type Read = { id: string; outs: State; inputs: State } | undefined;

const withoutUrn = ({ __urn: _, [providerKey]: __, ...state }: State): State => state;

const toOutputs = (state: State, options?: { isPreview: boolean }): State => ({
  ...withoutUrn(state),
  host: referenceOf(state, options),
});

/** Gives a partial failure the outputs of this provider. */
function toEngine(error: unknown): never {
  if (!(error instanceof PartialFailure)) throw error;
  throw new PartialFailure(error.id, toOutputs(error.properties), error.reasons);
}
