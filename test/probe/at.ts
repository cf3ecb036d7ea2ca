/** Returns the value at a path through facts, as described in test/captures/README.md. */
export function at(facts: unknown, path: string): unknown {
  return path.split("/").reduce(step, facts);
}

const keys = ["address", "uuid", "name", "version", "path", "reason", "function", "device"];

function step(from: unknown, name: string): unknown {
  if (!Array.isArray(from)) return (from as Record<string, unknown> | null | undefined)?.[name];
  if (name === "length") return from.length;
  const named = from.find((element: Record<string, unknown>) => keys.some((key) => element[key] === name));
  return named ?? from[Number(name)];
}
