import { Document } from "yaml";
import { UserError } from "../model/errors";
import type { Fleet } from "./fleet";
import { closestHost, didYouMean } from "./validate/hosts";

/** A host that a fleet file does not have, with the one that was meant. */
export function noSuchHost({ hosts, path }: Fleet, name: string, tried: string): UserError {
  const hint = didYouMean(
    closestHost(
      name,
      hosts.map((host) => host.name),
    ),
  )?.replace(/^d/, "D");
  return new UserError({ action: `${tried} ${name}`, cause: `${path} has no such host`, hint });
}

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
