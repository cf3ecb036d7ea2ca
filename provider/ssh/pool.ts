import type { ConnectionTimes } from "./connection";
import { SshConnection } from "./connection";
import type { Dialed, OpenStream } from "./dial";
import { dial, dialRepeatedly, openInTime, openSocket } from "./dial";
import { DialLimits } from "./dial-limits";
import type { Endpoint } from "./endpoint";
import { checkLocally } from "./local-mistakes";

/** The open connections of this process, one per endpoint. */
export class ConnectionPool {
  private readonly connections = new Map<string, SshConnection>();
  private readonly dialing = new Map<string, Promise<SshConnection>>();
  private readonly open = new Set<SshConnection>();
  private readonly limits: DialLimits;

  constructor(
    private readonly times: ConnectionTimes = { keepaliveMs: 15_000, idleMs: 60_000 },
    maxLogins?: number,
  ) {
    this.limits = new DialLimits(maxLogins);
  }

  /** Returns the open connection to an endpoint. Callers during the dialing wait for the same connection. */
  async get(endpoint: Endpoint): Promise<SshConnection> {
    const known = this.connections.get(endpoint.key);
    if (known) return known;
    // Who changes a host waits longer than who reads it, so they do not share a failure.
    const key = `${endpoint.key} ${endpoint.isForReading}`;
    const dialing = this.dialing.get(key) ?? this.dial(endpoint).finally(() => this.dialing.delete(key));
    this.dialing.set(key, dialing);
    return dialing;
  }

  /** Closes the connection to an endpoint, if there is one. */
  async close(endpoint: Endpoint): Promise<void> {
    await this.dialing.get(`${endpoint.key} ${endpoint.isForReading}`)?.catch(() => undefined);
    this.connections.get(endpoint.key)?.close();
  }

  /** Closes all connections, synchronously, since it also runs in signal handlers. */
  closeAll(): void {
    for (const connection of this.open) connection.close();
  }

  private async dial(endpoint: Endpoint): Promise<SshConnection> {
    // Before the jump host is dialed.
    if (endpoint.via) checkLocally(endpoint);
    return dialRepeatedly(endpoint, async (patience) => {
      const jump = endpoint.via && (await this.get(endpoint.via));
      const releaseJump = jump?.acquire();
      const leave = await this.limits.attempt(endpoint);
      const open: OpenStream = (signal) =>
        jump ? openInTime(jump.forward(endpoint.host, endpoint.port), signal) : openSocket(endpoint, signal);
      try {
        return this.admit(endpoint, await dial(endpoint, open, this.limits, patience), jump);
      } finally {
        leave();
        releaseJump?.();
      }
    });
  }

  private admit(endpoint: Endpoint, dialed: Dialed, jump?: SshConnection): SshConnection {
    const { key } = endpoint;
    const connection = new SshConnection(endpoint, dialed, jump, this.times, () => {
      this.open.delete(connection);
      if (this.connections.get(key) === connection) this.connections.delete(key);
    });
    this.open.add(connection);
    this.connections.set(key, connection);
    return connection;
  }
}

let shared: ConnectionPool | undefined;

/** Returns the pool of this process. */
export function sharedPool(): ConnectionPool {
  if (!shared) closeWithProcess((shared = new ConnectionPool()));
  return shared;
}

function closeWithProcess(pool: ConnectionPool): void {
  process.once("exit", () => pool.closeAll());
  // The engine ends a provider with SIGINT, also normally, and waits up to 5 s for it.
  process.once("SIGINT", () => {
    pool.closeAll();
    if (process.listenerCount("SIGINT") === 0) process.kill(process.pid, "SIGINT");
  });
}
