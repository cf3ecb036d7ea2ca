import type { z } from "zod";

type Schema = z.core.$ZodTypes;

const variants = new WeakMap<z.core.$ZodType, Schema[]>();

/** Returns the schemas that a value may have, without the wrappers of options, defaults and unions. */
export function variantsOf(schema: z.core.$ZodType): Schema[] {
  const known = variants.get(schema);
  if (known) return known;
  const found = unwrap(schema as Schema);
  variants.set(schema, found);
  return found;
}

function unwrap(schema: Schema): Schema[] {
  const { def } = schema._zod;
  switch (def.type) {
    case "union":
      return def.options.flatMap(variantsOf);
    case "pipe":
      return variantsOf(def.in);
    case "optional":
    case "nullable":
    case "default":
      return variantsOf(def.innerType);
    default:
      return [schema];
  }
}

/** Returns the keys that a schema allows in the map at a path. */
export function keysAt(schema: z.core.$ZodType, [key, ...rest]: readonly PropertyKey[]): string[] {
  return variantsOf(schema).flatMap(({ _zod: { def } }) => {
    if (def.type === "record") return key === undefined ? [] : keysAt(def.valueType, rest);
    if (def.type !== "object") return [];
    if (key === undefined) return Object.keys(def.shape);
    return Object.hasOwn(def.shape, key) ? keysAt(def.shape[String(key)]!, rest) : [];
  });
}
