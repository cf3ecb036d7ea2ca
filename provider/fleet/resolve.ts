import { readFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import type { Connection } from "../model/connection";
import { secretProperties } from "../model/connection";
import { UserError } from "../model/errors";
import type { DesiredHost } from "../preview/desired-host";
import { HostParts, hostParts } from "../preview/desired-host";
import { expandHome } from "../ssh/home";
import type { Fleet } from "./fleet";
import type { SecretReference } from "./schema/common";
import type { FleetConnection } from "./schema/connection";
import type { HostSettings } from "./schema/settings";
import { isMap } from "./validate/issues";

/** A path of the file as the program has to write it: what is relative is so to the file's folder. It names no machine's folders. */
export function pathFromFleet({ path: file }: Pick<Fleet, "path">, path: string): string {
  if (isAbsolute(path) || path === "~" || path.startsWith("~/")) return path;
  return relative(process.cwd(), resolve(dirname(file), path));
}

/** The same with something else in the place of each reference. */
export type Resolved<Part, Secret> = Part extends SecretReference
  ? Secret
  : Part extends object
    ? { [Key in keyof Part]: Resolved<Part[Key], Secret> }
    : Part;

/** A connection with its secrets, as whoever uses it keeps secrets: as text, or as outputs of Pulumi. */
export function resolveReferences<Secret>(
  connection: FleetConnection,
  lookUp: (reference: SecretReference) => Secret,
): Resolved<FleetConnection, Secret> {
  const resolve = (part: unknown): unknown => {
    if (!isMap(part)) return part;
    const entries = Object.entries(part).map(([key, value]) => [
      key,
      isReference(key, value) ? lookUp(value) : resolve(value),
    ]);
    return Object.fromEntries(entries);
  };
  return resolve(connection) as Resolved<FleetConnection, Secret>;
}

const isReference = (key: string, value: unknown): value is SecretReference =>
  secretProperties.has(key) && value !== undefined;

/** Looks up what is kept on this machine; a stack's configuration is not, and only Pulumi opens it. */
export function resolveLocally(fleet: Pick<Fleet, "path">): (reference: SecretReference) => string {
  return (reference) => {
    if ("env" in reference) return fromEnvironment(reference.env, fleet);
    if ("file" in reference) return fromFile(reference.file, fleet);
    throw refusal(
      `{config: ${reference.config}}`,
      fleet,
      "it is in the configuration of a stack, only under Pulumi",
      "Use env or file",
    );
  };
}

function fromEnvironment(name: string, fleet: Pick<Fleet, "path">): string {
  const value = process.env[name];
  if (value) return value;
  throw refusal(
    `{env: ${name}}`,
    fleet,
    `the environment variable ${name} is ${value === undefined ? "not set" : "empty"}`,
    `Set ${name}`,
  );
}

function fromFile(written: string, fleet: Pick<Fleet, "path">): string {
  const path = pathFromFleet(fleet, written);
  try {
    const text = readFileSync(expandHome(path), "utf8").replace(/\r?\n$/, "");
    if (text) return text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refusal(
      `{file: ${written}}`,
      fleet,
      code === "ENOENT" ? `there is no file ${path}` : `${path} cannot be read (${code})`,
    );
  }
  throw refusal(`{file: ${written}}`, fleet, `${path} is empty`);
}

const refusal = (reference: string, { path }: Pick<Fleet, "path">, cause: string, hint?: string) =>
  new UserError({ action: `look up the secret ${reference} of ${path}`, cause, hint });

/** A connection as whoever dials needs it: secrets in their places, and files found from where the program runs. */
export function resolveConnection<Secret>(
  fleet: Fleet,
  connection: FleetConnection,
  lookUp: (reference: SecretReference) => Secret,
): Resolved<FleetConnection, Secret> {
  return resolveReferences(withPaths(fleet, connection), lookUp);
}

function withPaths(fleet: Fleet, connection: FleetConnection): FleetConnection {
  const { privateKeyPath, knownHosts, proxy } = connection;
  return {
    ...connection,
    ...(privateKeyPath !== undefined && { privateKeyPath: pathFromFleet(fleet, privateKeyPath) }),
    // It may also be a word, or lines of such a file.
    ...(knownHosts !== undefined && /^\.{1,2}\//.test(knownHosts) && { knownHosts: pathFromFleet(fleet, knownHosts) }),
    ...(proxy && { proxy: withPaths(fleet, proxy as FleetConnection) }),
  };
}

/** The hosts of a fleet as the resources of VgpuHost would ask for them, with secrets that are kept on this machine. */
export const desiredHosts = (fleet: Fleet, lookUp = resolveLocally(fleet)): DesiredHost[] =>
  fleet.hosts.map(({ name, connection, maintenance, driver, ...settings }) => ({
    host: name,
    connection: resolveConnection(fleet, connection, lookUp) as Connection,
    maintenance,
    ...HostParts.parse(
      hostParts({ ...settings, driver: driver && { ...driver, package: packageFromFleet(fleet, driver.package) } }),
    ),
  }));

type Package = NonNullable<HostSettings["driver"]>["package"];

/** Where a package is, seen from where the program runs. */
export const packageFromFleet = (fleet: Fleet, source: Package): Package =>
  typeof source === "string" ? pathFromFleet(fleet, source) : source;
