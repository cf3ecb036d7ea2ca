import { Document } from "yaml";
import type { Fleet } from "./fleet";
import { noSuchHost } from "./no-such-host";

/** A host as the parts of the file make it, in a form that could stand under `hosts` there. */
export function showHost(fleet: Fleet, name: string): string {
  const { hosts, path } = fleet;
  const host = hosts.find((one) => one.name === name);
  if (!host) throw noSuchHost(fleet, name, "show");
  const { name: _, group, ...settings } = host;
  const document = new Document({ [name]: settings });
  document.commentBefore = group === undefined ? ` from hosts in ${path}` : ` from group ${group} in ${path}`;
  return document.toString();
}
