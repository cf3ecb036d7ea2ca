import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "./errors";

const causes: Record<string, string> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of its path is not a folder",
  EISDIR: "it is a folder, not a file",
  EACCES: "this user may not read it",
  EPERM: "this user may not read it",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "the name is too long",
  ERR_STRING_TOO_LONG: "it is too large",
};

/** Reads a file that a user named. `action` is for the error: "read the fleet file fleet.yaml". */
export function readTextFile(path: string, action: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError({ action, cause: causes[code ?? ""] ?? String(code) });
  }
}

/** Returns the version of this package. package.json is two folders up, both from the source and from the compiled file. */
export const packageVersion = (): string =>
  (JSON.parse(readFileSync(join(__dirname, "..", "..", "package.json"), "utf8")) as { version: string }).version;
