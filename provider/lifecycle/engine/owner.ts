import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir, hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { State } from "../state";
import { urnParts } from "./urn";

/** Where the process runs; tests have one of their own. */
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
 * The name of a stack on the hosts when its first resource is made: `project/stack#1f3a9c2d`. From then on its states have it, wherever
 * they are and whoever runs them. The digest tells apart stacks of the same name in other backends, and shows nothing of an address
 * that may hold a password.
 */
export function ownerOf(urn: string, around: ProcessEnvironment = processEnvironment()): string {
  const { project, stack } = urnParts(urn);
  const digest = createHash("sha256").update(backend(around)).digest("hex").slice(0, 8);
  return `${project}/${stack}#${digest}`;
}

/** The owner that the state has, else that of a sibling whose state was seen in this process, else the derived one. */
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

/** In the order in which Pulumi itself looks. */
function backend(around: ProcessEnvironment): string {
  const { env, cwd } = around;
  const project = projectFile(cwd);
  const url = env.PULUMI_BACKEND_URL || (project && backendIn(project)) || loggedInTo(around) || "";
  // What follows a question mark says how to get there, not where it is.
  const [place = ""] = url.split("?");
  return place.startsWith("file:")
    ? folder(place, project ? dirname(project) : cwd, around)
    : place.replace(/\/+$/, "");
}

/** The same path on another machine is another state. */
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
