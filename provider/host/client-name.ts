import { hostname, userInfo } from "node:os";
import { oneLine } from "../apply";

const maxNames = 3;

/** Returns the name of this client, for others that wait for its run: `ops@ci-7 (pid 4711: VgpuManagerInstall gpu01)`. */
export function clientName(keys: readonly string[]): string {
  const names = keys.slice(0, maxNames).map(resourceName);
  const more = keys.length - names.length;
  return oneLine(
    `${userName()}@${hostname()} (pid ${process.pid}; ${names.join(", ")}${more > 0 ? ` and ${more} more` : ""})`,
  );
}

/** Returns type and name of the resource with this URN. */
function resourceName(key: string): string {
  const [, type, name] = /^urn:pulumi:.*?::.*?::(?:.*?[:$])?([^:$]+)::(.+)$/s.exec(key) ?? [];
  return type ? `${type} ${name}` : key;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may have a user that is in no passwd file.
    return `uid ${process.getuid?.() ?? "?"}`;
  }
}
