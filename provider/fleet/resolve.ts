import { readFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import type { Connection } from "../model/connection";
import { secretProperties } from "../model/connection";
import { UserError } from "../model/errors";
import { composeHost } from "../preview/compose-host";
import type { DesiredHost } from "../preview/desired-host";
import { HostParts } from "../preview/desired-host";
import { expandHome } from "../ssh/local-file";
import type { Fleet } from "./fleet";
import type { SecretReference } from "./schema/common";
import type { FleetConnection } from "./schema/connection";
import type { HostSettings } from "./schema/settings";
import { isMap } from "./validate/issues";

/** Resolves a path of the file, relative to the file's folder. The result is relative to the working directory, so that states of two machines agree. */
export function pathFromFleet({ path: file }: Pick<Fleet, "path">, path: string): string {
  if (isAbsolute(path) || path === "~" || path.startsWith("~/")) return path;
  return relative(process.cwd(), resolve(dirname(file), path));
}

/** The same type with each reference replaced. */
export type Resolved<Part, Secret> = Part extends SecretReference
  ? Secret
  : Part extends object
    ? { [Key in keyof Part]: Resolved<Part[Key], Secret> }
    : Part;

/** Replaces the references of a connection: by text for the CLI, by outputs for Pulumi. */
export function resolveReferences<Secret>(
  connection: FleetConnection,
  readSecret: (reference: SecretReference) => Secret,
): Resolved<FleetConnection, Secret> {
  const resolve = (part: unknown): unknown => {
    if (!isMap(part)) return part;
    const entries = Object.entries(part).map(([key, value]) => [
      key,
      isReference(key, value) ? readSecret(value) : resolve(value),
    ]);
    return Object.fromEntries(entries);
  };
  return resolve(connection) as Resolved<FleetConnection, Secret>;
}

const isReference = (key: string, value: unknown): value is SecretReference =>
  secretProperties.has(key) && value !== undefined;

/** Returns a function that reads secrets on this machine. The configuration of a stack can only be read by Pulumi. */
export function resolveLocally(fleet: Pick<Fleet, "path">): (reference: SecretReference) => string {
  return (reference) => {
    if ("env" in reference) return readEnvironment(reference.env, fleet);
    if ("file" in reference) return readSecretFile(reference.file, fleet);
    throw secretError(
      `{config: ${reference.config}}`,
      fleet,
      "only Pulumi can read the configuration of a stack",
      "Use env or file instead",
    );
  };
}

function readEnvironment(name: string, fleet: Pick<Fleet, "path">): string {
  const value = process.env[name];
  if (value) return value;
  throw secretError(
    `{env: ${name}}`,
    fleet,
    `the environment variable ${name} is ${value === undefined ? "not set" : "empty"}`,
    `Set ${name}`,
  );
}

function readSecretFile(declaredPath: string, fleet: Pick<Fleet, "path">): string {
  const path = pathFromFleet(fleet, declaredPath);
  try {
    const text = readFileSync(expandHome(path), "utf8").replace(/\r?\n$/, "");
    if (text) return text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw secretError(
      `{file: ${declaredPath}}`,
      fleet,
      code === "ENOENT" ? `the file ${path} does not exist` : `${path} cannot be read (${code})`,
    );
  }
  throw secretError(`{file: ${declaredPath}}`, fleet, `${path} is empty`);
}

const secretError = (reference: string, { path }: Pick<Fleet, "path">, cause: string, hint?: string) =>
  new UserError({ action: `read the secret ${reference} of ${path}`, cause, hint });

/** Returns a connection with secrets and with paths that are valid in the working directory. */
export function resolveConnection<Secret>(
  fleet: Fleet,
  connection: FleetConnection,
  readSecret: (reference: SecretReference) => Secret,
): Resolved<FleetConnection, Secret> {
  return resolveReferences(withResolvedPaths(fleet, connection), readSecret);
}

function withResolvedPaths(fleet: Fleet, connection: FleetConnection): FleetConnection {
  const { privateKeyPath, knownHosts, proxy } = connection;
  return {
    ...connection,
    ...(privateKeyPath !== undefined && { privateKeyPath: pathFromFleet(fleet, privateKeyPath) }),
    // knownHosts may also be a keyword, or the lines of such a file.
    ...(knownHosts !== undefined && /^\.{1,2}\//.test(knownHosts) && { knownHosts: pathFromFleet(fleet, knownHosts) }),
    ...(proxy && { proxy: withResolvedPaths(fleet, proxy as FleetConnection) }),
  };
}

/** Returns the hosts as the resources of VgpuHost would declare them, with secrets from this machine. */
export const desiredHosts = (fleet: Fleet, readSecret = resolveLocally(fleet)): DesiredHost[] =>
  fleet.hosts.map(({ name, connection, maintenance, driver, ...settings }) => ({
    host: name,
    connection: resolveConnection(fleet, connection, readSecret) as Connection,
    maintenance,
    ...HostParts.parse(
      composeHost({ ...settings, driver: driver && { ...driver, package: packageFromFleet(fleet, driver.package) } }),
    ),
  }));

type Package = NonNullable<HostSettings["driver"]>["package"];

/** Resolves the path of a local package. */
export const packageFromFleet = (fleet: Fleet, source: Package): Package =>
  typeof source === "string" ? pathFromFleet(fleet, source) : source;
