export type Path = readonly PropertyKey[];

/** Something that is wrong with a file, told by the path in it. */
export interface Fault {
  path: Path;
  /** The key is wrong, not what stands behind it. */
  at?: "key";
  /** What stands there; left out where nothing stands, or nothing of it may be shown. */
  found?: string;
  /** What would fit. */
  says: string;
}

export const startsWith = (path: Path, beginning: Path) => beginning.every((key, i) => path[i] === key);

/** Whether what is wrong at one place may be the reason for what is wrong at the other. */
export const areRelated = (a: Path, b: Path) => startsWith(a, b) || startsWith(b, a);
