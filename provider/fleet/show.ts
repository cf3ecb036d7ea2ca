import { Document } from "yaml";
import { UserError } from "../model/errors";
import type { Fleet } from "./fleet";
import { closestHost, didYouMean } from "./validate/suggestions";

/** Returns the error for a host that the fleet file does not have, with the closest name. */
export function noSuchHost({ hosts, path }: Fleet, name: string, action: string): UserError {
  const hint = didYouMean(
    closestHost(
      name,
      hosts.map((host) => host.name),
    ),
  )?.replace(/^d/, "D");
  return new UserError({ action: `${action} ${name}`, cause: `no such host in ${path}`, hint });
}

/** Returns the merged settings of a host as YAML, in the form of an entry of `hosts`. */
export function showHost(fleet: Fleet, name: string): string {
  const { hosts, path } = fleet;
  const host = hosts.find((one) => one.name === name);
  if (!host) throw noSuchHost(fleet, name, "show");
  const { name: _, group, ...settings } = host;
  const document = new Document({ [name]: settings });
  document.commentBefore = group === undefined ? ` from hosts in ${path}` : ` from group ${group} in ${path}`;
  return document.toString();
}
