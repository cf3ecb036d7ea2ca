import { secretProperties } from "./connection";

/** Shorter ones would be found in every other word; and we print no password ourselves, this is the second net. */
const shortest = 4;

/** Takes the passwords and keys of a connection out of a text. */
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
