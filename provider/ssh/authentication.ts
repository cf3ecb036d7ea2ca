import { existsSync } from "node:fs";
import type { AnyAuthMethod, AuthHandlerMiddleware, Prompt } from "ssh2";
import type { Endpoint } from "./endpoint";
import { SshError } from "./errors";
import { expandHome } from "./local-file";
import { loginRefusals } from "./login-refusals";
import { readPrivateKey } from "./private-key";
import { explainPrompt, mayAskForPassword as isPasswordPrompt } from "./prompts";
import type { Explanation } from "./refusal";
import { explain } from "./refusal";

/** One login, tried method by method. Records the result of each method for the error message. */
export class Authentication {
  /** The methods that were refused or could not be tried, with the reason. */
  private notes: string[] = [];
  /** The methods that the server accepts. */
  private accepted: string[] = [];
  private readonly methods: Method[];
  /** What the server showed during the login: a legal notice, or why it refuses. */
  private banner = "";
  private hasAnswered = false;
  /** Called when the server asks for what cannot be given here. No answer is sent: it would count as a failed login. */
  onUnanswerable: (error: SshError) => void = () => undefined;

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

  heard(banner: string): void {
    this.banner += banner;
  }

  /** Returns the error for a login that was ended with a known reason, in the banner or in the last words of the server. */
  denial(words = ""): SshError | undefined {
    const known = explain(loginRefusals, `${this.banner}\n${words}`, this.endpoint.user);
    return known && this.loginError(known);
  }

  passwordExpired(prompt: string): SshError {
    return this.loginError(explainPrompt(`New password: ${prompt}`, "login", this.endpoint.user));
  }

  loginRefusedError(): SshError {
    const denied = this.denial();
    if (denied) return denied;
    const unused = this.methods.map((method) => `${method.what}: not tried`);
    const seen = [...this.notes, ...unused];
    return this.loginError({
      cause: `${seen.length > 0 ? seen.join("; ") : "nothing to log in with"} (the server accepts ${this.accepted.join(", ") || "nothing"})`,
      hint: this.advice(seen),
    });
  }

  private advice(tried: readonly string[]): string {
    const { user, credentials } = this.endpoint;
    if (tried.length === 0) return "Set privateKeyPath, start an ssh agent, or set password.";
    if (tried.some((note) => note.endsWith("requires more")))
      return `Exempt ${user} from the second factor (AuthenticationMethods in sshd_config), or set what is missing of privateKeyPath and password.`;
    const takes = (method: string) => this.accepted.includes(method);
    if (!takes("publickey") && credentials.password === undefined)
      return "The server accepts no keys for this user: set password, or allow PubkeyAuthentication in sshd_config.";
    const refused = tried.filter((note) => note.endsWith(": refused"));
    if (refused.length > 0 && refused.every((note) => note.startsWith("password")))
      return "Check user and password; for root also PermitRootLogin in sshd_config.";
    return `Check the user name, and that the public key is in ~${user}/.ssh/authorized_keys.`;
  }

  private loginError({ cause, hint }: Explanation): SshError {
    return new SshError("login", { action: "log in", host: this.endpoint.name, cause, hint });
  }

  private keys(): Method[] {
    const { privateKey, privateKeyPath, identityFiles = [] } = this.endpoint.credentials;
    if (privateKey !== undefined || privateKeyPath !== undefined) return this.key(privateKeyPath);
    // As ssh does, those of ~/.ssh/config that exist.
    return identityFiles.filter((file) => existsSync(expandHome(file))).flatMap((file) => this.key(file));
  }

  private key(path: string | undefined): Method[] {
    const { credentials, user } = this.endpoint;
    const found = readPrivateKey(credentials, path);
    if ("key" in found)
      return [
        { what: found.what, protocol: "publickey", offer: { type: "publickey", username: user, key: found.key } },
      ];
    // The agent may have this key unlocked.
    this.notes.push(`${found.what}: ${found.locked}`);
    return [];
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
          prompt: (_name, instructions, _language, prompts, answer) => this.answer(instructions, prompts, answer),
        },
      },
    ];
  }

  /** Answers the question for the password, once. Any other question cannot be answered. */
  private answer(instructions: string, prompts: Prompt[], answer: (answers: string[]) => void): void {
    const [first, ...others] = prompts;
    // A round without questions only shows a text.
    if (!first) {
      this.heard(instructions);
      return answer([]);
    }
    const isPassword = others.length === 0 && !first.echo && !this.hasAnswered && isPasswordPrompt(first.prompt);
    if (isPassword) {
      this.hasAnswered = true;
      return answer([this.endpoint.credentials.password!]);
    }
    const asked = [instructions, ...prompts.map(({ prompt }) => prompt)].join(" ");
    this.onUnanswerable(this.loginError(explainPrompt(asked, "login", this.endpoint.user)));
  }
}

interface Method {
  what: string;
  /** Its name in the protocol (RFC 4252). */
  protocol: string;
  offer: AnyAuthMethod;
}
