import type { z } from "zod";
import { secretProperties } from "../../model/connection";
import { areRelated, type Fault, type Path } from "./fault";
import { faultsOf } from "./faults-of";
import { inWords } from "./in-words";
import { removable, without } from "./maps";

// A part of one of these is another driver, GPU or secret.
const wholes: ReadonlySet<PropertyKey> = new Set(["driver", "match", ...secretProperties]);

/**
 * All that is wrong with a value, and what remains of it without that. Rules between properties wait until each of them is right;
 * so what is wrong is taken out and the rest is looked at again.
 */
export function salvage<T>(schema: z.ZodType<T>, given: unknown): { value?: T; faults: Fault[] } {
  const faults: Fault[] = [];
  for (let rest = given; ; ) {
    const { data, error } = schema.safeParse(rest, { error: inWords });
    if (!error) return { value: data, faults };
    const found = faultsOf(error.issues, schema, rest);
    faults.push(...found.filter(({ path }) => !faults.some((before) => areRelated(before.path, path))));
    const before = rest;
    const faulty = found.map(({ path }) => removable(before, upToWhole(path)));
    if (faulty.some((path) => path.length === 0)) return { faults };
    rest = faulty.reduce<unknown>(without, before);
  }
}

function upToWhole(path: Path): Path {
  const depth = path.findIndex((key) => wholes.has(key));
  return depth < 0 ? path : path.slice(0, depth + 1);
}
