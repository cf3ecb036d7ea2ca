import type { Layered } from "./merge";
import { merge, toLayered } from "./merge";
import { expand } from "./ranges";
import type { FleetFile } from "./schema/file";
import type { Path } from "./validate/issues";

/** One mention of a host in the file, with its merged settings. */
export interface HostEntry {
  name: string;
  group?: string;
  /** Path of the mention. */
  at: Path;
  /** Paths of the settings that apply, in ascending precedence. */
  layers: Path[];
  merged: Layered;
}

/** Returns all mentions of hosts: patterns of groups are expanded, and the settings are merged. */
export function hostEntries({ defaults, groups = {}, hosts = {} }: FleetFile): HostEntry[] {
  const grouped = Object.entries(groups).flatMap(([group, { hosts: patterns, overrides = {}, ...settings }]) =>
    patternsOf(patterns, ["groups", group, "hosts"]).flatMap(({ pattern, at }) =>
      expand(pattern).map((name) => {
        const override = {
          settings: Object.hasOwn(overrides, name) ? overrides[name] : {},
          at: ["groups", group, "overrides", name],
        };
        return {
          group,
          ...hostEntry(name, at, [
            { settings: defaults, at: ["defaults"] },
            { settings, at: ["groups", group] },
            override,
          ]),
        };
      }),
    ),
  );
  const single = Object.entries(hosts).map(([name, settings]) => {
    const at = ["hosts", name];
    return hostEntry(name, at, [
      { settings: defaults, at: ["defaults"] },
      { settings, at },
    ]);
  });
  return [...grouped, ...single];
}

/** Returns the patterns of a group, each with its path. */
export const patternsOf = (patterns: string | string[], at: Path): { pattern: string; at: Path }[] =>
  typeof patterns === "string"
    ? [{ pattern: patterns, at }]
    : patterns.map((pattern, i) => ({ pattern, at: [...at, i] }));

interface Layer {
  settings: object | undefined;
  at: Path;
}

function hostEntry(name: string, at: Path, layers: Layer[]): HostEntry {
  const base = toLayered({ connection: { host: name }, gpus: {} }, []);
  const merged = layers.reduce((below, layer) => merge(below, toLayered(layer.settings ?? {}, layer.at)), base);
  return { name, at, layers: layers.map((layer) => layer.at), merged };
}
