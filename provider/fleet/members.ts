import type { Layered } from "./merge";
import { layered, merge } from "./merge";
import { expand } from "./ranges";
import type { FleetFile } from "./schema/file";
import type { Path } from "./validate/issues";

/** A host as it comes out of the file: once for each time that it is named there. */
export interface HostEntry {
  name: string;
  group?: string;
  /** Where it is named. */
  at: Path;
  /** Where its settings may come from, what wins last. */
  layers: Path[];
  merged: Layered;
}

export function hostEntries({ defaults, groups = {}, hosts = {} }: FleetFile): HostEntry[] {
  const ofGroups = Object.entries(groups).flatMap(([group, { hosts: patterns, overrides = {}, ...settings }]) =>
    patternsOf(patterns, ["groups", group, "hosts"]).flatMap(({ pattern, at }) =>
      expand(pattern).map((name) => {
        const override = {
          settings: Object.hasOwn(overrides, name) ? overrides[name] : {},
          at: ["groups", group, "overrides", name],
        };
        return {
          group,
          ...member(name, at, [
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
    return member(name, at, [
      { settings: defaults, at: ["defaults"] },
      { settings, at },
    ]);
  });
  return [...ofGroups, ...single];
}

/** The patterns of a group, each with its place. */
export const patternsOf = (patterns: string | string[], at: Path): { pattern: string; at: Path }[] =>
  typeof patterns === "string"
    ? [{ pattern: patterns, at }]
    : patterns.map((pattern, i) => ({ pattern, at: [...at, i] }));

interface Layer {
  settings: object | undefined;
  at: Path;
}

function member(name: string, at: Path, layers: Layer[]): HostEntry {
  const beneath = layered({ connection: { host: name }, gpus: {} }, []);
  const merged = layers.reduce((below, layer) => merge(below, layered(layer.settings ?? {}, layer.at)), beneath);
  return { name, at, layers: layers.map((layer) => layer.at), merged };
}
