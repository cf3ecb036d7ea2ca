import { dirname, isAbsolute, relative, resolve } from "node:path";
import type { Fleet } from "./fleet";

/** A path of the file as the program has to write it: what is relative is so to the file's folder. It names no machine's folders. */
export function pathFromFleet({ path: file }: Pick<Fleet, "path">, path: string): string {
  if (isAbsolute(path) || path === "~" || path.startsWith("~/")) return path;
  return relative(process.cwd(), resolve(dirname(file), path));
}
