import { hostname, userInfo } from "node:os";
import { oneLine } from "../apply";

const namedAtMost = 3;

/** Who is at work on a host, for those who have to wait: `ops@ci-7 (pid 4711: VgpuManagerInstall gpu01)`. */
export function ownerText(keys: readonly string[]): string {
  const names = keys.slice(0, namedAtMost).map(nameOf);
  const more = keys.length - names.length;
  return oneLine(
    `${userName()}@${hostname()} (pid ${process.pid}; ${names.join(", ")}${more > 0 ? ` and ${more} more` : ""})`,
  );
}

/** Of a URN the type and the name of the resource. */
function nameOf(key: string): string {
  const [, type, name] = /^urn:pulumi:.*?::.*?::(?:.*?[:$])?([^:$]+)::(.+)$/s.exec(key) ?? [];
  return type ? `${type} ${name}` : key;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container whose user is in no passwd file.
    return `uid ${process.getuid?.() ?? "?"}`;
  }
}
