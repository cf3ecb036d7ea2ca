import type { Path } from "../lifecycle/parse";

const isPlainName = (name: string) => /^[A-Za-z_$][\w$]*$/.test(name);

/** Formats a path as Pulumi does: `named["cad-01"].type`. */
export const formatPath = (path: Path): string =>
  path
    .map((part, i) => {
      if (typeof part === "number") return `[${part}]`;
      const name = String(part);
      if (isPlainName(name)) return i > 0 ? `.${name}` : name;
      return `["${name.replaceAll('"', '\\"')}"]`;
    })
    .join("");
