import { spawn } from "node:child_process";
import type { AuthContext, KeyboardAuthContext, ServerChannel, Connection as ServerConnection } from "ssh2";
import { Server, utils } from "ssh2";

type Method = "password" | "keyboard-interactive";

export interface LoginServerOptions {
  takes: Method[];
  password: string;
  /** Environment of the commands. */
  env?: NodeJS.ProcessEnv;
  /** Questions of keyboard-interactive, one after the other. Default: for the password. */
  questions?: string[];
  banner?: string;
  /** What the login shell runs before each command. */
  startFiles?: string;
}

/** A server of ours, for what a real sshd does only with users and PAM of its own: passwords, and sudo of any kind. */
export class LoginServer {
  readonly commands: string[] = [];
  /** The answers to questions. */
  readonly answers: string[] = [];
  private readonly open = new Set<ServerConnection>();

  private constructor(private readonly server: Server) {}

  static async start(options: LoginServerOptions): Promise<LoginServer> {
    // Of 256 ed25519 keys that ssh2 makes it cannot read one: mscdex/ssh2#1513.
    const hostKeys = [utils.generateKeyPairSync("ecdsa", { bits: 256 }).private];
    const server = new Server({ hostKeys, banner: options.banner }, (client) => self.serve(client, options));
    const self = new LoginServer(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return self;
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  close(): void {
    for (const client of this.open) client.end();
    this.server.close();
  }

  private serve(client: ServerConnection, options: LoginServerOptions): void {
    this.open.add(client);
    client
      .on("error", () => undefined)
      .once("close", () => this.open.delete(client))
      .on("authentication", (context) => this.authenticate(context, options))
      .on("session", (accept) =>
        accept().on("exec", (acceptExec, _reject, { command }) => {
          this.commands.push(command);
          execute(acceptExec(), `${options.startFiles ?? ""}\n${command}`, options.env);
        }),
      );
  }

  private authenticate(
    context: AuthContext,
    { takes, password, questions = ["Password: "] }: LoginServerOptions,
  ): void {
    const settle = (given: string | undefined) => (given === password ? context.accept() : context.reject(takes));
    if (!takes.includes(context.method as Method)) context.reject(takes);
    else if (context.method === "password") settle(context.password);
    else this.ask(context as KeyboardAuthContext, questions, settle);
  }

  private ask(context: KeyboardAuthContext, [prompt, ...rest]: string[], settle: (given?: string) => void): void {
    context.prompt([{ prompt: prompt!, echo: false }], ([given]) => {
      this.answers.push(given!);
      if (rest.length > 0) this.ask(context, rest, settle);
      else settle(given);
    });
  }
}

function execute(channel: ServerChannel, command: string, env = process.env): void {
  const child = spawn("sh", ["-c", command], { env });
  child.stdin.on("error", () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.once("close", (code) => {
    channel.exit(code ?? 255);
    channel.end();
  });
}
