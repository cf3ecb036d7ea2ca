import type { ConnectionTimes } from "./connection";
import { SshConnection } from "./connection";
import type { Dialed } from "./dial";
import { dial, dialRepeatedly, openSocket } from "./dial";
import type { Endpoint } from "./endpoint";
import { Semaphore } from "./semaphore";

/** sshd drops new connections beyond this many that are not logged in yet (MaxStartups 10:30:100). */
const maxConcurrentDials = 10;

/** The open connections of this process, one per endpoint. */
export class ConnectionPool {
  private readonly connections = new Map<string, Promise<SshConnection>>();
  private readonly open = new Set<SshConnection>();
  private readonly dials: Semaphore;

  constructor(
    private readonly times: ConnectionTimes = { keepaliveMs: 15_000, idleMs: 60_000 },
    dialsAtOnce = maxConcurrentDials,
  ) {
    this.dials = new Semaphore(dialsAtOnce);
  }

  /** Returns the open connection to an endpoint. Callers during the dialing wait for the same connection. */
  get(endpoint: Endpoint): Promise<SshConnection> {
    const known = this.connections.get(endpoint.key);
    if (known) return known;
    const dialing = this.dial(endpoint);
    this.connections.set(endpoint.key, dialing);
    dialing.catch(() => this.forget(endpoint, dialing));
    return dialing;
  }

  /** Closes the connection to an endpoint, if there is one. */
  async close(endpoint: Endpoint): Promise<void> {
    const connection = await this.connections.get(endpoint.key)?.catch(() => undefined);
    connection?.close();
  }

  /** Closes all connections, synchronously, since it also runs in signal handlers. */
  closeAll(): void {
    for (const connection of this.open) connection.close();
  }

  private dial(endpoint: Endpoint): Promise<SshConnection> {
    return dialRepeatedly(endpoint, async () => {
      const jump = endpoint.via && (await this.get(endpoint.via));
      const release = jump?.acquire();
      const leave = await this.dials.acquire();
      try {
        const dialed = await dial(endpoint, () =>
          jump ? jump.forward(endpoint.host, endpoint.port) : openSocket(endpoint),
        );
        return this.admit(endpoint, dialed, jump);
      } finally {
        leave();
        release?.();
      }
    });
  }

  private admit(endpoint: Endpoint, dialed: Dialed, jump?: SshConnection): SshConnection {
    const connection = new SshConnection(endpoint, dialed, jump, this.times, () => {
      this.open.delete(connection);
      this.connections.delete(endpoint.key);
    });
    this.open.add(connection);
    return connection;
  }

  private forget(endpoint: Endpoint, dialing: Promise<SshConnection>): void {
    if (this.connections.get(endpoint.key) === dialing) this.connections.delete(endpoint.key);
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
