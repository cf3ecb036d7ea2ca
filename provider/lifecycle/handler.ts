import { errorMessage } from "../model/errors";
import type { ReadResult } from "./build-state";
import type { CheckResult } from "./check";
import { check } from "./check";
import type { ResourceContext } from "./context";
import { resourceContext } from "./context";
import type { DiffResult } from "./diff";
import { diff } from "./diff";
import { toEngineError } from "./engine/errors";
import { isUrn } from "./engine/urn";
import type { Ensured } from "./ensure";
import type { ProviderEnvironment } from "./environment";
import type { PlannedChange } from "./foresee";
import { foresee } from "./foresee";
import { importObject } from "./import-object";
import { connectionOf, previewKey, waitsForOf } from "./inputs";
import { Instances } from "./instance";
import { ensureIsolated } from "./isolate";
import { Machines } from "./machines";
import { migrateState } from "./migrate";
import { isKnownWhole } from "./parse";
import { get, refresh } from "./read";
import { ResourceRegistry } from "./registry";
import { remove } from "./remove";
import { Reporter } from "./reporter";
import type { ResourceKind } from "./resource-kind";
import { PreviewRows } from "./rows/preview-rows";
import { noteGoal, showPlan } from "./rows/show-plan";
import { recordVgpus } from "./siblings";
import type { State } from "./state";

/** The methods that Pulumi calls in the dynamic-provider process. */
export interface Handler {
  check(before: State, given: State): Promise<CheckResult>;
  diff(id: string, last: State, inputs: State): Promise<DiffResult>;
  create(inputs: State, signal?: AbortSignal): Promise<Ensured>;
  read(id: string, last: State): Promise<ReadResult>;
  update(id: string, last: State, inputs: State, signal?: AbortSignal): Promise<Omit<Ensured, "id">>;
  delete(id: string, last: State, signal?: AbortSignal): Promise<void>;
}

/** What a native plugin is asked in addition. Pulumi has no such calls for dynamic resources. */
export interface NativeHandler extends Handler {
  /** Records the goal of a resource without changes, for the plans of others on its host. */
  noteUnchanged(last: State, inputs: State): void;
  /** Shows what create or update would do, and returns the outputs that are certain. */
  foresee(change: PlannedChange, signal?: AbortSignal): Promise<Ensured>;
  /** Returns the state of an object that exists, from now on managed. */
  importObject(id: string, given: State): Promise<ReadResult>;
}

export function handlerFor<A extends object>(
  kind: ResourceKind<A>,
  environment: ProviderEnvironment,
  machines = new Machines(),
): NativeHandler {
  const registry = new ResourceRegistry();
  const instances = new Instances();

  /** Records the vGPUs of a resource, so that its siblings do not treat them as unmanaged. */
  function noteSibling(from: State): void {
    if (isUrn(from.__urn) && isKnownWhole(from.connection)) recordVgpus(kind, environment, from);
  }

  /** Runs a call, converts what it throws for the engine, and waits for its messages to arrive. */
  async function call<R>(from: State, run: (reporter: Reporter) => Promise<R>): Promise<R> {
    const reporter = new Reporter(environment.sink, from.__urn, connectionOf(from));
    try {
      return await run(reporter);
    } catch (error) {
      throw toEngineError(error, reporter.redact);
    } finally {
      await reporter.flush();
    }
  }

  const withContext = <R>(
    from: State,
    last: State,
    run: (context: ResourceContext<A>) => Promise<R>,
    { instance = "", signal }: { instance?: string; signal?: AbortSignal } = {},
  ): Promise<R> =>
    call(from, (reporter) =>
      run({ ...resourceContext(kind, environment, from, last, reporter, instance, machines), signal }),
    );

  const newInstance = ({ __urn: urn }: State, isFirst: (urn: string) => boolean) =>
    environment.newInstance(urn as string, isFirst(urn as string));

  const rows = new PreviewRows((resource) => {
    const instance = newInstance(resource.inputs, resource.change === "create" ? instances.isFirst : () => true);
    return call(resource.inputs, async (reporter) => {
      // A preview without steps is better than none.
      await showPlan(kind, environment, resource, instance, reporter).catch((error: unknown) =>
        reporter.report("warning", `steps could not be planned: ${errorMessage(error)}`),
      );
    });
  });

  return withMigratedStates({
    check: async (before, given) => {
      const { [previewKey]: preview, ...own } = given;
      if (isUrn(own.__urn)) registry.declare(own.__urn);
      instances.note(before);
      machines.declare(given);
      const result = check(kind, before, own);
      if (result.failures.length > 0) return result;
      noteSibling(result.inputs);
      const isShown = typeof preview === "string" && waitsForOf(result.inputs) === undefined;
      if (isShown) await rows.afterCheck(preview, before, result.inputs);
      return result;
    },
    diff: async (_id, last, inputs) => {
      registry.add(last);
      instances.note(last);
      machines.note(inputs.__host, last);
      // A new resource gets its owner from its siblings.
      if (isUrn(last.__urn)) environment.ownerOf(last.__urn, last);
      noteSibling(last);
      const result = diff(kind, last, inputs);
      await rows.afterDiff(last, inputs, result);
      return result;
    },
    create: async (inputs, signal) => {
      const created = await withContext(inputs, {}, (context) => ensureIsolated(context, inputs, environment.now()), {
        instance: newInstance(inputs, instances.isFirst),
        signal,
      });
      registry.add(created.outs);
      return created;
    },
    update: (id, last, inputs, signal) =>
      withContext(inputs, last, (context) => ensureIsolated(context, inputs, environment.now(), id), {
        instance: newInstance(inputs, () => true),
        signal,
      }),
    read: async (id, last) => {
      if (last.schemaVersion === undefined) return call(last, () => get(kind, environment, id, last));
      machines.note(last.__host, last);
      const read = await withContext(last, last, (context) => refresh(context, id));
      if (read.id === undefined) return read;
      instances.note(last);
      rows.exists(last);
      return read;
    },
    delete: async (_id, last, signal) => {
      registry.forget(last);
      await withContext(last, last, (context) => remove(context, registry), { signal });
      instances.forget(last);
    },
    noteUnchanged: (last, inputs) => noteGoal(kind, environment, inputs, last),
    foresee: (change, signal) =>
      call(change.inputs, (reporter) => {
        const isNew = change.id === undefined;
        const instance = newInstance(change.inputs, isNew ? instances.isFirst : () => true);
        return foresee(kind, environment, change, { instance, reporter, signal });
      }),
    importObject: (id, given) =>
      call(given, (reporter) =>
        importObject(kind, environment, id, given, { reporter, instance: newInstance(given, instances.isFirst) }),
      ),
  });
}

/** Migrates the state that each call gets. The inputs of a program never have old names. */
const withMigratedStates = (handler: NativeHandler): NativeHandler => ({
  ...handler,
  diff: (id, last, inputs) => handler.diff(id, migrateState(last), inputs),
  read: (id, last) => handler.read(id, migrateState(last)),
  update: (id, last, inputs, signal) => handler.update(id, migrateState(last), inputs, signal),
  delete: (id, last, signal) => handler.delete(id, migrateState(last), signal),
  noteUnchanged: (last, inputs) => handler.noteUnchanged(migrateState(last), inputs),
  foresee: (change, signal) => handler.foresee({ ...change, last: migrateState(change.last) }, signal),
});
