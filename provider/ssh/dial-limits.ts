import type { Endpoint } from "./endpoint";
import { Semaphore } from "./semaphore";

/** sshd drops new connections beyond this many that are not logged in yet (MaxStartups 10:30:100). It counts them for itself alone. */
const dialsPerServer = 10;
/** A jump host opens a connection for each, and waits as long for dead machines as we do. */
const dialsPerJumpHost = 20;
/** Attempts to connect at the same time, all servers together. They cost a file descriptor each, and dead machines keep theirs. */
const defaultAttempts = 100;
/** Logins at the same time. They cost processor time here, so more of them are not faster. */
const defaultLogins = 16;

/** Limits how many attempts to connect are made at a time: per server, per jump host, and in all. */
export class DialLimits {
  private readonly logins: Semaphore;
  private readonly attempts: Semaphore;
  private readonly servers = new Map<string, Semaphore>();

  constructor(maxLogins = defaultLogins) {
    this.logins = new Semaphore(maxLogins);
    this.attempts = new Semaphore(Math.max(defaultAttempts, maxLogins));
  }

  /** Waits until an attempt may be made. Returns the function that ends it. */
  async attempt(endpoint: Endpoint): Promise<() => void> {
    const { via } = endpoint;
    const releases = [await this.limitOf(serverKey(endpoint), dialsPerServer).acquire()];
    if (via) releases.push(await this.limitOf(`via ${serverKey(via)}`, dialsPerJumpHost).acquire());
    releases.push(await this.attempts.acquire());
    return () => {
      for (const release of releases) release();
    };
  }

  /** Waits until a server that has answered may be logged in to. */
  login(): Promise<() => void> {
    return this.logins.acquire();
  }

  private limitOf(key: string, max: number): Semaphore {
    const known = this.servers.get(key) ?? new Semaphore(max);
    this.servers.set(key, known);
    return known;
  }
}

const serverKey = ({ host, port, via }: Endpoint): string => `${host} ${port}${via ? ` ${serverKey(via)}` : ""}`;
