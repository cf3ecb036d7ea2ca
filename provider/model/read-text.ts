import { readFileSync } from "node:fs";
import { UserError } from "./errors";

/** Reads a file that a user named. `action` is for the error: "read the fleet file fleet.yaml". */
export function readTextFile(path: string, action: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError({ action, cause: code === "ENOENT" ? "there is no such file" : String(code) });
  }
}
