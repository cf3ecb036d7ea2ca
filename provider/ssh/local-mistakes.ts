import type { Connection, ProxyConnection } from "../model/connection";
import type { UserError } from "../model/errors";
import { isUserError } from "../model/errors";
import type { Endpoint } from "./endpoint";
import { endpoint } from "./endpoint";
import { hostKeyCheck } from "./host-keys";
import { readPrivateKey } from "./private-key";

/** Throws if something on this machine cannot work, for the endpoint or a jump host: a key, known_hosts, hostKey. Dials nothing. */
export function checkLocally(endpoint: Endpoint): void {
  const { credentials, via } = endpoint;
  if (credentials.privateKey !== undefined) readPrivateKey(credentials);
  if (credentials.privateKeyPath !== undefined) readPrivateKey(credentials, credentials.privateKeyPath);
  hostKeyCheck(endpoint);
  if (via) checkLocally(via);
}

/** Returns what on this machine keeps a connection from working, or undefined. The message does not name the host, which may not be the only one. */
export function localMistake(connection: Connection | ProxyConnection): UserError | undefined {
  try {
    checkLocally(endpoint(connection));
  } catch (error) {
    if (isUserError(error)) return error;
    throw error;
  }
  return undefined;
}
