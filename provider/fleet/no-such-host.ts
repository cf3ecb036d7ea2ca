import { UserError } from "../model/errors";
import { didYouMean, meantHost } from "./check/meant";
import type { Fleet } from "./fleet";

/** A host that a fleet file does not have, with the one that was meant. */
export function noSuchHost({ hosts, path }: Fleet, name: string, tried: string): UserError {
  const next = didYouMean(meantHost(name, hosts.map((host) => host.name)))?.replace(/^d/, "D");
  return new UserError({ tried: `${tried} ${name}`, seen: `${path} has no such host`, next });
}
