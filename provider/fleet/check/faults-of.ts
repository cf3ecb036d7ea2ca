import type { z } from "zod";
import { causes, type Issue } from "../../model/issue";
import type { Fault, Path } from "./fault";
import { keysAt } from "./keys-at";
import { valueAt } from "./maps";
import { didYouMean, meant } from "./meant";
import { quoted, shown, shownKey } from "./shown";

/** What a schema found wrong with a value. */
export const faultsOf = (issues: Issue[], schema: z.core.$ZodType, value: unknown): Fault[] =>
  issues.flatMap((issue) => faultsIn(issue, [], { schema, value }));

interface Checked {
  schema: z.core.$ZodType;
  value: unknown;
}

function faultsIn(issue: Issue, above: Path, checked: Checked): Fault[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(key, path, checked.schema));
  if (issue.code === "invalid_key") return [{ path, at: "key", found: quoted(String(path.at(-1))), says: issue.issues[0]!.message }];
  const inner = causes(issue);
  if (inner.length > 0) return inner.filter(isTelling).flatMap((cause) => faultsIn(cause, path, checked));
  const { found = shown(valueAt(checked.value, path), path), at } = (issue.code === "custom" ? issue.params : undefined) ?? {};
  return [{ path, at, found, says: issue.message }];
}

function unknownKey(key: string, path: Path, schema: z.core.$ZodType): Fault {
  const known = keysAt(schema, path);
  const place = { path: [...path, key], at: "key" as const };
  if (known.includes(key)) return { ...place, found: `the key${shownKey(key)}`, says: "it does not go with the others" };
  const says = didYouMean(meant(key, known)) ?? `known here: ${[...new Set(known)].join(", ")}`;
  return { ...place, found: `an unknown key${shownKey(key)}`, says };
}

// A form with a key too many lacks another one: that is said of it already.
const isTelling = ({ code }: Issue, _: number, all: Issue[]) =>
  code === "unrecognized_keys" || !all.some((other) => other.code === "unrecognized_keys");
