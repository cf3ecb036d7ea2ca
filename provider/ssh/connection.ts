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
const maxSessions = 10;

/** sshd still counts a session for a moment while it is being closed, so a refusal is retried. */
const maxExecRetries = 2;

/** One logged-in ssh connection. While it is idle it does not keep the process alive, and it is closed after a while. */
export class SshConnection {
  private readonly client: Client;
  private readonly stream: Duplex;
  private readonly sessions = new Semaphore(maxSessions);
  private readonly stopKeepalive: () => void;
  private users = 0;
  /** Number of connections that use this one as jump host. */
  private tunnels = 0;
  private idleTimer: NodeJS.Timeout | undefined;
  private releaseJump: (() => void) | undefined;
  private lastError = "the server closed it";
  private isClosed = false;

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
    this.client.on("error", (error) => (this.lastError = error.message)).once("close", () => this.onClose());
    this.stopKeepalive = keepAlive(this.client, this.stream, times.keepaliveMs, (reason) => {
      this.lastError = reason;
      this.stream.destroy();
    });
    this.markIdle();
  }

  get isOpen(): boolean {
    return !this.isClosed;
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

  /** Marks the connection as used, which keeps it open and the process alive, until the returned function is called. */
  acquire(): () => void {
    if (this.users++ === 0) this.markBusy();
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      if (--this.users === 0) this.markIdle();
    };
  }

  /** Opens a stream to another machine, for a connection that uses this one as jump host. */
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
      hint: "Run it again; what was running on the host may have continued there.",
    });
  }

  close(): void {
    if (this.isClosed) return;
    this.lastError = "it was closed here";
    this.client.end();
    if (this.stream instanceof Socket) this.stream.destroySoon();
    this.onClose();
  }

  private async openSession(command: string, signal?: AbortSignal): Promise<ClientChannel> {
    for (;;) {
      const releaseSession = await this.sessions.acquire(signal);
      const before = this.others;
      try {
        return (await this.exec(command, maxExecRetries)).once("close", releaseSession);
      } catch (error) {
        const others = Math.max(before, this.others);
        releaseSession();
        if (!this.stream.writable) this.onClose();
        if (this.isClosed) throw this.lost("start a command");
        if (!isRefusal(error) || others === 0) throw this.noSession(error as Error);
        // MaxSessions of this server is lower than the default: wait until another session ends.
        this.sessions.reduceTo(others);
      }
    }
  }

  private get others(): number {
    return this.sessions.taken - 1;
  }

  private async exec(command: string, retries: number): Promise<ClientChannel> {
    try {
      return await new Promise((resolve, reject) => {
        this.client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
      });
    } catch (error) {
      if (!isRefusal(error) || retries === 0) throw error;
      return this.exec(command, retries - 1);
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
    clearTimeout(this.idleTimer);
  }

  private removeTunnel(): void {
    this.tunnels--;
    if (this.users === 0) this.markIdle();
  }

  private markBusy(): void {
    clearTimeout(this.idleTimer);
    this.releaseJump = this.jump?.acquire();
    if (this.stream instanceof Socket) this.stream.ref();
  }

  private markIdle(): void {
    if (this.isClosed) return;
    this.releaseJump?.();
    if (this.stream instanceof Socket) this.stream.unref();
    clearTimeout(this.idleTimer);
    if (this.tunnels === 0) this.idleTimer = setTimeout(() => this.close(), this.times.idleMs).unref();
  }

  private onClose(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearTimeout(this.idleTimer);
    this.stopKeepalive();
    this.releaseJump?.();
    this.jump?.removeTunnel();
    this.onClosed();
  }
}

const isRefusal = (error: unknown): boolean => typeof (error as { reason?: unknown }).reason === "number";
