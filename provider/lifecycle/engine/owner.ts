import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir, hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { State } from "../state";
import { urnParts } from "./urn";

/** Where the process runs. Tests replace it. */
export interface ProcessEnvironment {
  env: NodeJS.ProcessEnv;
  cwd: string;
  home: string;
  hostname: string;
}

export const processEnvironment = (): ProcessEnvironment => ({
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  hostname: hostname(),
});

/**
 * Returns the owner for the first resource of a stack: `project/stack#1f3a9c2d`. From then on the states have it, independent of
 * machine and user. The digest distinguishes stacks of the same name in different backends without showing the address of a
 * backend, which may contain a password.
 */
export function ownerOf(urn: string, environment: ProcessEnvironment = processEnvironment()): string {
  const { project, stack } = urnParts(urn);
  const digest = createHash("sha256").update(backend(environment)).digest("hex").slice(0, 8);
  return `${project}/${stack}#${digest}`;
}

/** Returns a function that gives the owner of the state, else of a sibling's state in this process, else the derived one. */
export function ownersOf(derive: (urn: string) => string): (urn: string, last: State) => string {
  const known = new Map<string, string>();
  return (urn, last) => {
    const { project, stack } = urnParts(urn);
    const key = `${project}/${stack}`;
    const kept = last.owner as string | undefined;
    const owner = kept ?? known.get(key) ?? derive(urn);
    known.set(key, known.get(key) ?? owner);
    return owner;
  };
}

/** Returns the address of the backend, searched in the same order as Pulumi does. */
function backend(environment: ProcessEnvironment): string {
  const { env, cwd } = environment;
  const project = projectFile(cwd);
  const url = env.PULUMI_BACKEND_URL || (project && backendIn(project)) || loggedInTo(environment) || "";
  // A query has options of the connection, and is not part of the address.
  const [place = ""] = url.split("?");
  return place.startsWith("file:")
    ? folder(place, project ? dirname(project) : cwd, environment)
    : place.replace(/\/+$/, "");
}

/** Returns the address of a local folder with its machine: the same path on another machine is another state. */
function folder(url: string, from: string, { home, hostname: machine }: ProcessEnvironment): string {
  const path = url
    .slice("file:".length)
    .replace(/^\/\/(?=.)/, "")
    .replace(/^~(?=\/|$)/, home);
  return `file:${machine}:${resolve(from, path)}`;
}

function projectFile(from: string): string | undefined {
  const here = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"]
    .map((name) => join(from, name))
    .find((path) => existsSync(path));
  return here ?? (dirname(from) === from ? undefined : projectFile(dirname(from)));
}

function backendIn(project: string): string | undefined {
  const { load } = createRequire(require.resolve("@pulumi/pulumi"))("js-yaml") as { load(text: string): unknown };
  return (load(readFileSync(project, "utf8")) as { backend?: { url?: string } } | undefined)?.backend?.url;
}

function loggedInTo({ env, home }: ProcessEnvironment): string | undefined {
  const place = env.PULUMI_CREDENTIALS_PATH || env.PULUMI_HOME || join(home, ".pulumi");
  try {
    return (JSON.parse(readFileSync(join(place, "credentials.json"), "utf8")) as { current?: string }).current;
  } catch {
    return undefined;
  }
}
