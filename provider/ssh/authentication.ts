import { existsSync, readFileSync } from "node:fs";
import type { AnyAuthMethod, AuthHandlerMiddleware } from "ssh2";
import { utils } from "ssh2";
import type { Endpoint } from "./endpoint";
import { SshError } from "./errors";
import { expandHome } from "./home";

/** One login, tried method by method; remembers what happened, for the message when nothing helps. */
export class Authentication {
  /** What was offered and refused, or could not even be offered. */
  private notes: string[] = [];
  /** What the server says it takes. */
  private accepted: string[] = [];
  private readonly methods: Method[];

  constructor(private readonly endpoint: Endpoint) {
    this.methods = [...this.keys(), ...this.agent(), ...this.passwords()];
  }

  /** For ssh2, which asks before each attempt. */
  readonly next: AuthHandlerMiddleware = (left, partial, send) => {
    // The first question is "none": its refusal tells which methods the server takes, as ssh does it.
    if (!left) return send({ type: "none", username: this.endpoint.user });
    this.accepted = left;
    if (partial)
      this.notes.push(`${this.notes.pop()?.replace(/refused$/, "accepted")}, but the server wants more than that`);
    const index = this.methods.findIndex((method) => (left as string[]).includes(method.protocol));
    const [method] = index < 0 ? [] : this.methods.splice(index, 1);
    if (!method) return send(false as never); // missing in the types: "no more"
    this.notes.push(`${method.what}: refused`);
    send(method.offer);
  };

  agentFailed(reason: string): void {
    this.notes = [...this.notes.filter((note) => note !== "agent: refused"), `agent: ${reason}`];
  }

  refused(): SshError {
    const unused = this.methods.map((method) => `${method.what}: not asked for`);
    const seen = [...this.notes, ...unused];
    return new SshError("login", {
      action: "log in",
      host: this.endpoint.name,
      cause: `${seen.length > 0 ? seen.join("; ") : "nothing to log in with"} (the server takes ${this.accepted.join(", ") || "nothing"})`,
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
      const { seen, next, locked } = whyUnusable(parsed, privateKeyPassword !== undefined);
      // The agent may well have this key unlocked.
      if (!locked || agentSocketPath === undefined) throw this.settings(what, seen, next);
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
      throw this.settings(
        `key ${path}`,
        code === "ENOENT" ? "there is no such file" : String(code),
        "Check privateKeyPath.",
      );
    }
  }

  private agent(): Method[] {
    const { agentSocketPath } = this.endpoint.credentials;
    if (agentSocketPath === undefined) return [];
    const agent = expandHome(agentSocketPath);
    if (!existsSync(agent)) {
      this.agentFailed(`there is no socket ${agentSocketPath}`);
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
          // What is typed visibly is no password.
          prompt: (_name, _instructions, _language, prompts, answer) =>
            answer(prompts.map(({ echo }) => (echo ? "" : password))),
        },
      },
    ];
  }

  private settings(what: string, cause: string, hint: string): SshError {
    return new SshError("settings", { action: `read ${what} for the login`, host: this.endpoint.name, cause, hint });
  }
}

interface Method {
  what: string;
  /** Its name in the protocol (RFC 4252). */
  protocol: string;
  offer: AnyAuthMethod;
}

function whyUnusable(
  parsed: Error | object,
  withPassphrase: boolean,
): { seen: string; next: string; locked?: boolean } {
  if (!(parsed instanceof Error)) return { seen: "it is a public key", next: "Give the private one." };
  if (/no passphrase given/i.test(parsed.message)) {
    const next = "Set privateKeyPassword, or load the key into an ssh agent.";
    return { seen: "it is encrypted and there is no passphrase", next, locked: true };
  }
  if (withPassphrase && /bad passphrase/i.test(parsed.message)) {
    return { seen: "privateKeyPassword does not open it", next: "Correct privateKeyPassword." };
  }
  return {
    seen: `it is no private key that can be read (${parsed.message})`,
    next: "Use a key in OpenSSH or PEM format, as ssh-keygen makes it.",
  };
}
