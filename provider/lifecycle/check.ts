import { formatIssue } from "../model/issue";
import { Common, commonInputs, withoutCommon } from "./inputs";
import { parseKnown } from "./parse";
import type { ResourceKind } from "./resource-kind";
import type { State } from "./state";
import { toState } from "./state";

export interface CheckFailure {
  property: string;
  reason: string;
}

export interface CheckResult {
  inputs: State;
  failures: CheckFailure[];
}

/** Validates inputs, and returns them with defaults, normalized for comparison. Reads no host. */
export function check<A extends object>(kind: ResourceKind<A>, before: State, given: State): CheckResult {
  const news = withoutNulls(given) as State;
  const common = parseKnown(Common, commonInputs(news));
  const own = parseKnown(kind.schema, withoutCommon(news));
  const issues = [...common.issues, ...own.issues];
  if (issues.length > 0)
    return { inputs: toState(withoutCommon(news)), failures: issues.map(formatIssue).map(failure) };
  const complete = kind.withDefaults?.(own.value, before, common.value.__urn as string) ?? own.value;
  return { inputs: toState({ ...complete, ...common.value }), failures: [] };
}

// Without the property: the engine prints the value of the property, even a secret.
const failure = (reason: string): CheckFailure => ({ property: "", reason });

/** Returns a copy in which null counts as absent. The engine's adapter reads the original afterwards. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value ?? null;
  const given = Object.entries(value).filter(([, part]) => part !== null && part !== undefined);
  return Object.fromEntries(given.map(([key, part]) => [key, withoutNulls(part)]));
}
