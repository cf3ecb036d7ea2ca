import { homedir } from "node:os";
import { join } from "node:path";

/** ~ and ~/… as a shell has them; Pulumi programs pass such paths unexpanded. */
export function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}
