import { isUserError } from "../model/errors";
import { check, type CheckResult } from "./check";
import { diff, type DiffResult } from "./diff";
import { ensure, type Ensured } from "./ensure";
import { connectionOf } from "./inputs";
import { type Life, lifeOf } from "./life";
import { untilDone } from "./manners";
import { PartialFailure } from "./partial-failure";
import { printable } from "./printable";
import { get, type ReadResult, refresh } from "./read";
import { remove } from "./remove";
import { Reporter } from "./reporter";
import type { ResourceKind } from "./resource-kind";
import type { State } from "./state";
import type { World } from "./world";

/** What the dynamic-provider process of Pulumi calls. */
export interface Handler {
  check(before: State, given: State): Promise<CheckResult>;
  diff(id: string, last: State, wanted: State): Promise<DiffResult>;
  create(inputs: State): Promise<Ensured>;
  read(id: string, last: State): Promise<ReadResult>;
  update(id: string, last: State, inputs: State): Promise<Omit<Ensured, "id">>;
  delete(id: string, last: State): Promise<void>;
}

export function handlerFor<A extends object>(kind: ResourceKind<A>, world: World): Handler {
  /** Runs a call; what it throws is in words, and what it said has arrived before it ends. */
  async function call<R>(from: State, last: State, run: (life: Life<A>) => Promise<R>): Promise<R> {
    const reporter = new Reporter(world.sink, from.__urn, connectionOf(from));
    try {
      return await run(lifeOf(kind, world, from, last, reporter));
    } catch (error) {
      throw thrown(error, reporter.scrub);
    } finally {
      await reporter.heard();
    }
  }

  const during: typeof call = (from, last, run) => untilDone(call(from, last, run));

  return {
    check: async (before, given) => check(kind, before, given),
    diff: async (_id, last, wanted) => diff(kind, last, wanted),
    create: (inputs) => during(inputs, {}, (life) => ensure(life, inputs, world.now())),
    update: (id, last, inputs) => during(inputs, last, (life) => ensure(life, inputs, world.now(), id)),
    read: (id, last) => during(last, last, (life) => (last.schemaVersion === undefined ? get(life, id, last) : refresh(life, id))),
    delete: (_id, last) => during(last, last, remove),
  };
}

/** Only a partial failure may have an `id`: with one, any other error would be taken for it. Only bugs show their stack. */
function thrown(error: unknown, scrub: (text: string) => string): Error {
  if (error instanceof PartialFailure) return error;
  if (isUserError(error)) return inWords(printable(scrub(error.message)));
  const { stack = String(error) } = error as Partial<Error>;
  return inWords(printable(scrub(`This is a bug in pulumi-nvidia-vgpu: ${stack}`)));
}

function inWords(message: string): Error {
  const error = new Error(message);
  error.name = "";
  error.stack = "";
  return error;
}
