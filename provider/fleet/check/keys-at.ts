import type { z } from "zod";
import type { Path } from "./fault";

/** The keys that a schema knows for the map at a path. */
export function keysAt(schema: z.core.$ZodType, path: Path): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const [key, ...rest] = path;
  switch (def.type) {
    case "object":
      return key === undefined ? Object.keys(def.shape) : keysAt(def.shape[String(key)]!, rest);
    case "record":
      return key === undefined ? [] : keysAt(def.valueType, rest);
    case "union":
      return def.options.flatMap((option) => keysAt(option, path));
    case "pipe":
      return keysAt(def.in, path);
    case "optional":
    case "nullable":
    case "default":
      return keysAt(def.innerType, path);
    default:
      return [];
  }
}
