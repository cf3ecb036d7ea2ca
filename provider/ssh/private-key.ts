import { readFileSync, statSync } from "node:fs";
import type { ParsedKey } from "ssh2";
import { utils } from "ssh2";
import type { Credentials } from "./endpoint";
import { settingsError } from "./errors";
import { expandHome } from "./local-file";

/** The private key of a login, or why it cannot be used here although an agent may have it unlocked. */
export type PrivateKey = { what: string } & ({ key: ParsedKey } | { locked: string });

/** Reads the private key of a login. A key that cannot work is a mistake of this machine. */
export function readPrivateKey(credentials: Credentials, path?: string): PrivateKey {
  const { privateKey, privateKeyPassword, agentSocketPath } = credentials;
  const what = path === undefined ? "privateKey" : `key ${path}`;
  const parsed = utils.parseKey(path === undefined ? privateKey! : readKeyFile(path), privateKeyPassword);
  const isUsable = !(parsed instanceof Error) && parsed.isPrivateKey();
  const failure = isUsable ? undefined : keyError(parsed, privateKeyPassword !== undefined);
  if (path !== undefined && (!failure || failure.locked)) checkMode(path);
  if (isUsable) return { what, key: parsed };
  const { seen, next, locked } = failure!;
  if (!locked || agentSocketPath === undefined) throw settingsError(what, seen, next);
  return { what, locked: seen };
}

/** As OpenSSH (sshkey_perm_ok): a key of another owner may be a mounted secret. */
function checkMode(path: string): void {
  const { mode, uid } = statSync(expandHome(path));
  if (uid !== process.getuid?.() || (mode & 0o077) === 0) return;
  const octal = (mode & 0o777).toString(8).padStart(4, "0");
  const seen = `others may read it (mode ${octal}), so ssh refuses it too`;
  throw settingsError(`key ${path}`, seen, `Run chmod 600 ${path}.`);
}

function readKeyFile(path: string): Buffer {
  try {
    return readFileSync(expandHome(path));
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw settingsError(`key ${path}`, readErrors[code] ?? code, "Check privateKeyPath.");
  }
}

const readErrors: Record<string, string> = {
  ENOENT: "no such file",
  EISDIR: "it is a folder",
  EACCES: "this user may not read it",
};

function keyError(parsed: Error | object, withPassphrase: boolean): { seen: string; next: string; locked?: boolean } {
  if (!(parsed instanceof Error)) return { seen: "it is a public key", next: "Set the private key." };
  if (/no passphrase given/i.test(parsed.message)) {
    const next = "Set privateKeyPassword, or load the key into an ssh agent.";
    return { seen: "it is encrypted and there is no passphrase", next, locked: true };
  }
  if (withPassphrase && /bad passphrase/i.test(parsed.message)) {
    return { seen: "privateKeyPassword does not decrypt it", next: "Correct privateKeyPassword." };
  }
  return {
    seen: `it is not a readable private key (${parsed.message})`,
    next: "Use a key in OpenSSH or PEM format, as ssh-keygen creates it.",
  };
}
