import type { Alias, Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { isAlias, isMap, isNode, isScalar, isSeq, Scalar as ScalarNode } from "yaml";
import type { Path } from "./validate/issues";

/** A mistake, and its offset in the text. */
export interface YamlIssue {
  offset: number;
  message: string;
}

/** Where a key and its value begin in the text. */
interface Place {
  key: number;
  value: number;
}

type Places = ReadonlyMap<string, Place>;

interface Read {
  value: unknown;
  /** How many values it is if each alias is written out. */
  size: number;
}

/** Hosts may share aliases by the thousand. The limit stops files in which aliases of aliases multiply. */
const maxValues = 1_000_000;

/**
 * Converts YAML nodes to plain values, with merge keys, and keeps the place of each. Keys are text as written, so `007` and `__proto__`
 * are names like others. An alias shares the value of its anchor.
 */
export class YamlData {
  readonly issues: YamlIssue[] = [];
  readonly value: unknown;
  /** Not if an alias has no value, or if there are too many values. */
  isUsable = true;
  private readonly start: number;
  private readonly placesOf = new Map<object, Places>();
  private readonly anchors = new Map<string, Node>();
  /** What is behind an anchor; null while it is being read. */
  private readonly anchored = new Map<Node, Read | null>();

  constructor(root: Node | null) {
    this.start = startOf(root);
    this.value = this.read(root).value;
  }

  /** Returns where the value at a path begins, or its key. For a missing value: the key under which it would have to be. */
  offsetOf(path: Path, at: "key" | "value" = "value"): number {
    let value = this.value;
    let place: Place = { key: this.start, value: this.start };
    for (const step of path) {
      const next = isObject(value) ? this.placesOf.get(value)?.get(String(step)) : undefined;
      if (!next) return place.key;
      place = next;
      value = (value as Record<PropertyKey, unknown>)[step];
    }
    return place[at];
  }

  private read(node: Node | null): Read {
    if (isAlias(node)) return this.readAlias(node);
    const anchor = (node as Scalar | YAMLMap | YAMLSeq | null)?.anchor;
    if (!node || anchor === undefined) return this.readNode(node);
    this.anchors.set(anchor, node);
    this.anchored.set(node, null);
    const read = this.readNode(node);
    this.anchored.set(node, read);
    return read;
  }

  private readNode(node: Node | null): Read {
    if (isMap(node)) return this.readMap(node);
    if (isSeq(node)) return this.readList(node);
    return { value: isScalar(node) ? node.value : null, size: 1 };
  }

  private readAlias(alias: Alias): Read {
    const target = this.anchors.get(alias.source);
    const read = target && this.anchored.get(target);
    return read ?? this.refuse(alias, target ? "alias refers to itself" : "alias without an anchor before it");
  }

  private readList({ items }: YAMLSeq): Read {
    const places = new Map<string, Place>();
    let size = 1;
    const value = items.map((item, i) => {
      const node = isNode(item) ? item : null;
      const read = this.read(node);
      places.set(String(i), { key: startOf(node), value: startOf(node) });
      size = this.sum(size, read, node);
      return read.value;
    });
    this.placesOf.set(value, places);
    return { value, size };
  }

  private readMap({ items }: YAMLMap): Read {
    const entries = new Map<string, unknown>();
    const places = new Map<string, Place>();
    const merged: { value: unknown; offset: number }[] = [];
    let size = 1;
    for (const { key, value } of items as Pair<Node, Node | null>[]) {
      const name = isMergeKey(key) ? null : this.keyOf(key);
      const read = this.read(value);
      size = this.sum(size, read, value);
      const place = { key: startOf(key), value: startOf(value ?? key) };
      if (name === null) merged.push({ value: read.value, offset: place.value });
      else if (name === undefined) this.issues.push({ offset: place.key, message: "a key must be a text" });
      else if (entries.has(name)) this.issues.push({ offset: place.key, message: "duplicate key" });
      else {
        entries.set(name, read.value);
        places.set(name, place);
      }
    }
    for (const { value, offset } of merged) this.merge(value, offset, entries, places);
    const value = Object.fromEntries(entries);
    this.placesOf.set(value, places);
    return { value, size };
  }

  /** Adds what a map does not have itself. Of a list of maps, the first one wins (https://yaml.org/type/merge.html). */
  private merge(source: unknown, offset: number, entries: Map<string, unknown>, places: Map<string, Place>): void {
    for (const map of [source].flat()) {
      if (isObject(map) && !Array.isArray(map)) {
        const from = this.placesOf.get(map)!;
        for (const [name, value] of Object.entries(map)) {
          if (entries.has(name)) continue;
          entries.set(name, value);
          places.set(name, from.get(name)!);
        }
      } else if (map !== undefined)
        this.issues.push({ offset, message: "the merge key << needs a map, or a list of maps" });
    }
  }

  /** Returns a key as it is written; undefined for a map, a list or nothing. */
  private keyOf(key: Node | null): string | undefined {
    const scalar = isAlias(key) ? this.anchors.get(key.source) : key;
    if (!isAlias(key)) this.read(key);
    if (!isScalar(scalar)) return undefined;
    return typeof scalar.value === "string" ? scalar.value : scalar.source || undefined;
  }

  private sum(size: number, read: Read, node: Node | null): number {
    const sum = size + read.size;
    if (sum > maxValues && this.isUsable)
      this.refuse(node, `the aliases up to here stand for more than ${maxValues} values; use fewer within each other`);
    return Math.min(sum, maxValues + 1);
  }

  private refuse(node: Node | null, message: string): Read {
    this.isUsable = false;
    this.issues.push({ offset: startOf(node), message });
    return { value: undefined, size: 0 };
  }
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** As in YAML 1.1, which most files of other tools follow: a quoted "<<" is a key like others. */
const isMergeKey = (key: Node | null): boolean => isScalar(key) && key.value === "<<" && key.type === ScalarNode.PLAIN;

const startOf = (node: Node | null): number => node?.range?.[0] ?? 0;
