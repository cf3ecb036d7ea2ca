import { Document } from "yaml";
import { UserError } from "../model/errors";
import { didYouMean, meantHost } from "./check/meant";
import type { Fleet } from "./fleet";

/** A host as the parts of the file make it, in a form that could stand under `hosts` there. */
export function showHost({ hosts, path }: Fleet, name: string): string {
  const host = hosts.find((one) => one.name === name);
  if (!host) throw unknown(name, hosts.map((one) => one.name), path);
  const { name: _, group, ...settings } = host;
  const document = new Document({ [name]: settings });
  document.commentBefore = group === undefined ? ` from hosts in ${path}` : ` from group ${group} in ${path}`;
  return document.toString();
}

function unknown(name: string, names: string[], path: string): UserError {
  const next = didYouMean(meantHost(name, names))?.replace(/^d/, "D");
  return new UserError({ tried: `show ${name}`, seen: `${path} has no such host`, next });
}
