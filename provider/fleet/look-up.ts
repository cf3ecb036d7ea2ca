import { readFileSync } from "node:fs";
import { UserError } from "../model/errors";
import { expandHome } from "../ssh/home";
import type { Fleet } from "./fleet";
import { pathFromFleet } from "./paths";
import type { SecretReference } from "./schema/secret";

/** Looks up what is kept on this machine; a stack's configuration is not, and only Pulumi opens it. */
export function lookUpLocally(fleet: Pick<Fleet, "path">): (reference: SecretReference) => string {
  return (reference) => {
    if ("env" in reference) return fromEnvironment(reference.env, fleet);
    if ("file" in reference) return fromFile(reference.file, fleet);
    throw refusal(`{config: ${reference.config}}`, fleet, "it is in the configuration of a stack, only under Pulumi", "Use env or file");
  };
}

function fromEnvironment(name: string, fleet: Pick<Fleet, "path">): string {
  const value = process.env[name];
  if (value) return value;
  throw refusal(`{env: ${name}}`, fleet, `the environment variable ${name} is ${value === undefined ? "not set" : "empty"}`, `Set ${name}`);
}

function fromFile(written: string, fleet: Pick<Fleet, "path">): string {
  const path = pathFromFleet(fleet, written);
  try {
    const text = readFileSync(expandHome(path), "utf8").replace(/\r?\n$/, "");
    if (text) return text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refusal(`{file: ${written}}`, fleet, code === "ENOENT" ? `there is no file ${path}` : `${path} cannot be read (${code})`);
  }
  throw refusal(`{file: ${written}}`, fleet, `${path} is empty`);
}

const refusal = (reference: string, { path }: Pick<Fleet, "path">, seen: string, next?: string) =>
  new UserError({ tried: `look up the secret ${reference} of ${path}`, seen, next });
