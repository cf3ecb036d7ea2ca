import { existsSync, readFileSync } from "node:fs";
import type { AnyAuthMethod, AuthHandlerMiddleware } from "ssh2";
import { utils } from "ssh2";
import type { Endpoint } from "./endpoint";
import { SshError } from "./errors";
import { expandHome } from "./local-file";

/** One login, tried method by method. Records the result of each method for the error message. */
export class Authentication {
  /** The methods that were refused or could not be tried, with the reason. */
  private notes: string[] = [];
  /** The methods that the server accepts. */
  private accepted: string[] = [];
  private readonly methods: Method[];

  constructor(private readonly endpoint: Endpoint) {
    this.methods = [...this.keys(), ...this.agent(), ...this.passwords()];
  }

  /** Chooses the next method; ssh2 calls it before each attempt. */
  readonly next: AuthHandlerMiddleware = (left, partial, send) => {
    // As ssh does, try "none" first: its refusal lists the methods that the server accepts.
    if (!left) return send({ type: "none", username: this.endpoint.user });
    this.accepted = left;
    if (partial) this.notes.push(`${this.notes.pop()?.replace(/refused$/, "accepted")}, but the server requires more`);
    const index = this.methods.findIndex((method) => (left as string[]).includes(method.protocol));
    const [method] = index < 0 ? [] : this.methods.splice(index, 1);
    if (!method) return send(false as never); // missing in the types: "no more"
    this.notes.push(`${method.what}: refused`);
    send(method.offer);
  };

  agentFailed(reason: string): void {
    this.notes = [...this.notes.filter((note) => note !== "agent: refused"), `agent: ${reason}`];
  }

  loginRefusedError(): SshError {
    const unused = this.methods.map((method) => `${method.what}: not tried`);
    const seen = [...this.notes, ...unused];
    return new SshError("login", {
      action: "log in",
      host: this.endpoint.name,
      cause: `${seen.length > 0 ? seen.join("; ") : "nothing to log in with"} (the server accepts ${this.accepted.join(", ") || "nothing"})`,
      hint:
        seen.length > 0
          ? `Check the user name, and that the public key is in ~${this.endpoint.user}/.ssh/authorized_keys.`
          : "Set privateKeyPath, start an ssh agent, or set password.",
    });
  }

  private keys(): Method[] {
    const { privateKey, privateKeyPath, privateKeyPassword, agentSocketPath } = this.endpoint.credentials;
    if (privateKey === undefined && privateKeyPath === undefined) return [];
    const what = privateKeyPath === undefined ? "privateKey" : `key ${privateKeyPath}`;
    const text = privateKey ?? this.readKey(privateKeyPath!);
    const parsed = utils.parseKey(text, privateKeyPassword);
    if (parsed instanceof Error || !parsed.isPrivateKey()) {
      const { seen, next, locked } = keyError(parsed, privateKeyPassword !== undefined);
      // The agent may have this key unlocked.
      if (!locked || agentSocketPath === undefined) throw this.settingsError(what, seen, next);
      this.notes.push(`${what}: ${seen}`);
      return [];
    }
    return [{ what, protocol: "publickey", offer: { type: "publickey", username: this.endpoint.user, key: parsed } }];
  }

  private readKey(path: string): Buffer {
    try {
      return readFileSync(expandHome(path));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw this.settingsError(
        `key ${path}`,
        code === "ENOENT" ? "no such file" : String(code),
        "Check privateKeyPath.",
      );
    }
  }

  private agent(): Method[] {
    const { agentSocketPath } = this.endpoint.credentials;
    if (agentSocketPath === undefined) return [];
    const agent = expandHome(agentSocketPath);
    if (!existsSync(agent)) {
      this.agentFailed(`no socket ${agentSocketPath}`);
      return [];
    }
    return [{ what: "agent", protocol: "publickey", offer: { type: "agent", username: this.endpoint.user, agent } }];
  }

  private passwords(): Method[] {
    const { password } = this.endpoint.credentials;
    if (password === undefined) return [];
    const username = this.endpoint.user;
    return [
      { what: "password", protocol: "password", offer: { type: "password", username, password } },
      {
        what: "password (keyboard-interactive)",
        protocol: "keyboard-interactive",
        offer: {
          type: "keyboard-interactive",
          username,
          // A prompt with visible input does not ask for a password.
          prompt: (_name, _instructions, _language, prompts, answer) =>
            answer(prompts.map(({ echo }) => (echo ? "" : password))),
        },
      },
    ];
  }

  private settingsError(what: string, cause: string, hint: string): SshError {
    return new SshError("settings", { action: `read ${what} for the login`, host: this.endpoint.name, cause, hint });
  }
}

interface Method {
  what: string;
  /** Its name in the protocol (RFC 4252). */
  protocol: string;
  offer: AnyAuthMethod;
}

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
