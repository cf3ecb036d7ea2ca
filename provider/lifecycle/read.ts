import { z } from "zod";
import { type Expected, isOtherMachine, isReimaged, otherMachine } from "../host/identity";
import { isUserError, UserError } from "../model/errors";
import type { HostFacts } from "../model/facts/host-facts";
import { nothing, plan } from "../plan";
import { expectedBy } from "./identity";
import { commonOf, providerKey, withoutCommon } from "./inputs";
import { inWords } from "./issues";
import type { Life } from "./life";
import { stateOf } from "./outputs";
import { driftOf, pendingOf } from "./pending";
import type { Sight } from "./resource-kind";
import { type State, toState } from "./state";

/** Without an id: it is gone. */
export interface ReadResult {
  id?: string;
  props?: State;
  inputs?: State;
}

/** What the host has, against what the state says. A host that cannot be looked at changes nothing, and stops nobody else. */
export async function refresh<A extends object>(life: Life<A>, id: string): Promise<ReadResult> {
  const { kind, wanted, subject, connection, host, reporter } = life;
  const facts = await host.facts().catch((error: Error) => error);
  if (facts instanceof Error) return keep(life, id, isUserError(facts) ? facts.message : (facts.stack ?? String(facts)));
  const { last } = subject;
  const expected = expectedBy(last);
  const found = facts.system.identity;
  if (expected && isOtherMachine(expected, found)) return keep(life, id, anotherMachine(connection.host, expected, found));
  if (expected && isReimaged(expected, found)) reporter.tell("warning", "the machine is the same, but it was installed anew.");

  const sight = last.external ? kind.find(facts, id, wanted as State) : kind.see(facts, wanted, subject);
  if (!sight) {
    reporter.tell("warning", `${id} is gone from the host.`);
    return {};
  }
  const left = last.external ? nothing() : plan(facts, [kind.desire(wanted, subject)]);
  for (const sentence of driftOf(left)) reporter.tell("warning", sentence);
  return shown(life, id, facts, sight, pendingOf(left), last.external as true | undefined);
}

/** Something that is only read: the state has nothing of it yet, only what the program says. */
export async function get<A extends object>(life: Life<A>, id: string, given: State): Promise<ReadResult> {
  const { kind, connection, host } = life;
  const partial = z.strictObject(kind.schema.shape).partial().safeParse(withoutCommon(given));
  if (!partial.success) throw new UserError({ tried: `read ${id}`, seen: partial.error.issues.map(inWords).join("; ") });
  const facts = await host.facts();
  const sight = kind.find(facts, id, partial.data as State);
  if (!sight) throw new UserError({ tried: `read ${id}`, host: connection.host, seen: "the host has nothing of the kind" });
  return shown(life, id, facts, sight, [], true);
}

function shown<A extends object>(
  { wanted, subject: { urn, last }, connection }: Life<A>, id: string, facts: HostFacts, sight: Sight, pending: string[], external?: true,
): ReadResult {
  const from = { ...last, connection, __urn: urn };
  const generation = last.generation as string | undefined;
  const declared = external ? sight.arguments : wanted;
  const props = stateOf({ from, declared, seen: sight.arguments, outputs: sight.outputs, facts, last, pending, generation, external });
  return { id, props, inputs: toState({ ...sight.arguments, ...commonOf(from) }) };
}

function keep<A extends object>({ subject, reporter }: Life<A>, id: string, reason: string): ReadResult {
  const unreachable = reporter.scrub(reason);
  reporter.tell("error", `could not be looked at, so what was known is kept: ${unreachable}`);
  const { [providerKey]: _, ...last } = subject.last;
  return { id, props: toState({ ...last, unreachable }) };
}

const anotherMachine = (host: string, expected: Expected, found: Expected): string =>
  new UserError({ ...otherMachine(host, expected, found).trouble, tried: "look at the host" }).message;
