import { secretProperties } from "./connection";

/** Shorter secrets would match parts of ordinary words. No code prints a password on purpose; this is a second safeguard. */
const shortest = 4;

/** Returns a function that removes the passwords and keys of a connection from a text. */
export function redactor(connection: unknown): (text: string) => string {
  const secrets = secretsIn(connection)
    .flatMap((secret) => [secret, ...secret.split("\n")])
    .filter((secret) => secret.length >= shortest);
  const longestFirst = [...new Set(secrets)].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((rest, secret) => rest.replaceAll(secret, "[secret]"), text);
}

function secretsIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) =>
    typeof part === "string" ? (secretProperties.has(key) ? [part] : []) : secretsIn(part),
  );
}
