import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Client, ClientChannel } from "ssh2";
import type { Dialed } from "./dial";
import type { Endpoint } from "./endpoint";
import { SshError } from "./errors";
import { keepAlive } from "./keepalive";
import { Semaphore } from "./semaphore";

export interface ConnectionTimes {
  keepaliveMs: number;
  idleMs: number;
}

/** sshd's default for MaxSessions. */
const sessionsAtOnce = 10;

/** sshd counts a session that is just being closed for as long as it takes to answer what came with the closing. */
const refusalsToIgnore = 2;

/** One logged-in ssh connection. Open but unused, it neither keeps the process alive nor stays for long. */
export class SshConnection {
  private readonly client: Client;
  private readonly stream: Duplex;
  private readonly sessions = new Semaphore(sessionsAtOnce);
  private readonly stopKeepalive: () => void;
  private users = 0;
  /** Connections that go through this one. */
  private tunnels = 0;
  private idle: NodeJS.Timeout | undefined;
  private releaseJump: (() => void) | undefined;
  private lastError = "the server closed it";
  private open = true;

  constructor(
    readonly endpoint: Endpoint,
    dialed: Dialed,
    private readonly jump: SshConnection | undefined,
    private readonly times: ConnectionTimes,
    private readonly onClosed: () => void,
  ) {
    this.client = dialed.client;
    this.stream = dialed.stream;
    jump?.addTunnel();
    this.client.removeAllListeners();
    this.client.on("error", (error) => (this.lastError = error.message)).once("close", () => this.closed());
    this.stopKeepalive = keepAlive(this.client, this.stream, times.keepaliveMs, (reason) => {
      this.lastError = reason;
      this.stream.destroy();
    });
    this.markIdle();
  }

  get isOpen(): boolean {
    return this.open;
  }

  /** Starts a command and returns its channel, once the server has accepted it. */
  async session(command: string, signal?: AbortSignal): Promise<ClientChannel> {
    const release = this.acquire();
    try {
      const channel = await this.openSession(command, signal);
      return channel.once("close", release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** In use until the returned function is called: keeps the process alive, and the connection open. */
  acquire(): () => void {
    if (this.users++ === 0) this.markBusy();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      if (--this.users === 0) this.markIdle();
    };
  }

  /** A stream to another machine, for the connection that uses this one as its jump host. */
  forward(host: string, port: number): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      this.client.forwardOut("127.0.0.1", 0, host, port, (error, channel) =>
        error ? reject(error) : resolve(channel),
      );
    });
  }

  lost(action: string): SshError {
    return new SshError("lost", {
      action,
      host: this.endpoint.name,
      cause: `the connection was lost (${this.lastError})`,
      hint: "Run it again; what had begun on the host may have gone on there.",
    });
  }

  close(): void {
    if (!this.open) return;
    this.lastError = "it was closed here";
    this.client.end();
    if (this.stream instanceof Socket) this.stream.destroySoon();
    this.closed();
  }

  private async openSession(command: string, signal?: AbortSignal): Promise<ClientChannel> {
    for (;;) {
      const removeTunnel = await this.sessions.acquire(signal);
      const before = this.others;
      try {
        return (await this.exec(command, refusalsToIgnore)).once("close", removeTunnel);
      } catch (error) {
        const others = Math.max(before, this.others);
        removeTunnel();
        if (!this.stream.writable) this.closed();
        if (!this.open) throw this.lost("start a command");
        if (!isRefusal(error) || others === 0) throw this.noSession(error as Error);
        // MaxSessions of this server is lower than the default: wait until one of the others ends.
        this.sessions.lower(others);
      }
    }
  }

  private get others(): number {
    return this.sessions.taken - 1;
  }

  private async exec(command: string, patience: number): Promise<ClientChannel> {
    try {
      return await new Promise((resolve, reject) => {
        this.client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
      });
    } catch (error) {
      if (!isRefusal(error) || patience === 0) throw error;
      return this.exec(command, patience - 1);
    }
  }

  private noSession(error: Error): SshError {
    return new SshError("login", {
      action: "start a command",
      host: this.endpoint.name,
      cause: `logged in, but the server runs no commands (${error.message})`,
      hint: `Check the shell of ${this.endpoint.user}, and MaxSessions and ForceCommand in sshd_config.`,
    });
  }

  private addTunnel(): void {
    this.tunnels++;
    clearTimeout(this.idle);
  }

  private leave(): void {
    this.tunnels--;
    if (this.users === 0) this.markIdle();
  }

  private markBusy(): void {
    clearTimeout(this.idle);
    this.releaseJump = this.jump?.acquire();
    if (this.stream instanceof Socket) this.stream.ref();
  }

  private markIdle(): void {
    if (!this.open) return;
    this.releaseJump?.();
    if (this.stream instanceof Socket) this.stream.unref();
    clearTimeout(this.idle);
    if (this.tunnels === 0) this.idle = setTimeout(() => this.close(), this.times.idleMs).unref();
  }

  private closed(): void {
    if (!this.open) return;
    this.open = false;
    clearTimeout(this.idle);
    this.stopKeepalive();
    this.releaseJump?.();
    this.jump?.leave();
    this.onClosed();
  }
}

const isRefusal = (error: unknown): boolean => typeof (error as { reason?: unknown }).reason === "number";
