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
  if (path !== undefined && isKeyText(path))
    throw settingsError("privateKeyPath", "it is the text of a key", "Set it as privateKey.");
  const what = path === undefined ? "privateKey" : `key ${path}`;
  const text = path === undefined ? privateKey! : readKeyFile(path);
  const parsed = utils.parseKey(text, privateKeyPassword);
  const isUsable = !(parsed instanceof Error) && parsed.isPrivateKey();
  const failure = isUsable ? undefined : keyError(parsed, text.toString(), privateKeyPassword !== undefined);
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

function keyError(
  parsed: Error | object,
  text: string,
  withPassphrase: boolean,
): { seen: string; next: string; locked?: boolean } {
  if (!(parsed instanceof Error)) return { seen: "it is a public key", next: "Set the private key." };
  if (/no passphrase given/i.test(parsed.message)) {
    const next = "Set privateKeyPassword, or load the key into an ssh agent.";
    return { seen: "it is encrypted and there is no passphrase", next, locked: true };
  }
  if (withPassphrase && /bad passphrase/i.test(parsed.message)) {
    return { seen: "privateKeyPassword does not decrypt it", next: "Correct privateKeyPassword." };
  }
  const [, seen, next] = unreadable.find(([pattern]) => pattern.test(text)) ?? [];
  if (seen !== undefined) return { seen, next: next! };
  return {
    seen: `it is not a readable private key (${parsed.message})`,
    next: "Use a key in OpenSSH or PEM format, as ssh-keygen creates it.",
  };
}

/** Returns whether a text is a key itself. It must not be in a message. */
const isKeyText = (text: string): boolean => /PRIVATE KEY|\n/.test(text);

const asInFile = "Store its text as it is in the file, with line breaks.";

/** Texts that are no private key in a readable format: pattern, what it is, what to do. */
const unreadable: readonly [RegExp, string, string][] = [
  [/^\s*$/, "it is empty", "Use a key as ssh-keygen creates it."],
  [/^PuTTY-User-Key-File/, "it is a key of PuTTY", "Convert it with puttygen -O private-openssh."],
  [/-cert-v01@openssh\.com /, "it is a certificate", "Set the private key."],
  [/PRIVATE KEY-----.*\\n/, "its line breaks are written as \\n", asInFile],
  [/^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----\r?\n/, "it is in PKCS#8 format", "Convert it with ssh-keygen -p -f."],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----(?!\r?\n\S)|^\s+-----BEGIN/, "its lines are indented or joined", asInFile],
  [/^LS0tLS1CRUdJTi/, "it is encoded in base64", "Decode it first."],
  [/^(~|\.{0,2}\/)[^\n]*$/, "it is a path", "Set it as privateKeyPath."],
];
