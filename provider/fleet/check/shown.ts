import { type Path } from "./fault";

const longest = 80;

/** What stands at a path, as far as it may be shown: whatever is written about a connection may be a secret in the wrong place. */
export function shown(value: unknown, path: Path): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (path.includes("connection")) return typeof value === "string" ? "a text" : `a ${typeof value}`;
  return typeof value === "string" ? quoted(value) : String(value);
}

export const quoted = (text: string) => JSON.stringify(text.length > longest ? `${text.slice(0, longest)}…` : text);

/** `password:hunter2` is a key for YAML. */
export const shownKey = (key: string) => (/^\w+$/.test(key) ? ` ${quoted(key)}` : "");
