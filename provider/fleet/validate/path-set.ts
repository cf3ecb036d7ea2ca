import type { AnyMap, Path } from "./issues";
import { isMap } from "./issues";

/** A set of paths, as a tree of their keys: thousands of issues are compared with the paths of thousands of hosts. */
export class PathSet {
  private isMember = false;
  private readonly below = new Map<PropertyKey, PathSet>();

  constructor(paths: readonly Path[] = []) {
    for (const path of paths) this.add(path);
  }

  add([key, ...rest]: Path): void {
    if (key === undefined) {
      this.isMember = true;
      return;
    }
    const next = this.below.get(key) ?? new PathSet();
    this.below.set(key, next);
    next.add(rest);
  }

  /** Returns whether a member is the beginning of the path, or the path that of a member: one may be the cause of the other. */
  isRelatedTo([key, ...rest]: Path): boolean {
    if (this.isMember) return true;
    if (key === undefined) return this.below.size > 0;
    return this.below.get(key)?.isRelatedTo(rest) ?? false;
  }

  /** Returns a copy of a value without the parts at these paths. */
  removeFrom(value: unknown): unknown {
    if (!isMap(value) || this.below.size === 0) return value;
    const entries = Object.entries(value as AnyMap).flatMap(([key, part]): [string, unknown][] => {
      const next = this.below.get(key);
      return next?.isMember ? [] : [[key, next ? next.removeFrom(part) : part]];
    });
    return Object.fromEntries(entries);
  }

  get isWhole(): boolean {
    return this.isMember;
  }
}
