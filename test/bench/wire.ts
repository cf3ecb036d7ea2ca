import type { AddressInfo, Server, Socket } from "node:net";
import { connect, createServer } from "node:net";

export interface Place {
  address: string;
  port: number;
}

/** Bytes by their direction, as a client sees them, and the connections that they took. */
export interface Traffic {
  connections: number;
  sent: number;
  received: number;
}

/**
 * A way to servers that takes its time, and counts what passes. It delays and never holds back: what is in flight lies in memory, which
 * will do for the little that goes through here.
 */
export class Wire {
  readonly traffic: Traffic = { connections: 0, sent: 0, received: 0 };
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();

  /** `delayMs` is one way: half of a round trip. */
  constructor(private readonly delayMs = 0) {}

  /** Begins to listen for those who want to go there; port 0 is a free one. */
  async lay(from: Place, to: Place): Promise<Place> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => this.join(client, to));
    this.servers.push(server);
    await new Promise<void>((resolve, reject) =>
      server.once("error", reject).listen(from.port, from.address, 511, resolve),
    );
    return { address: from.address, port: (server.address() as AddressInfo).port };
  }

  close(): void {
    for (const server of this.servers) server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private join(client: Socket, to: Place): void {
    this.traffic.connections++;
    this.keep(client);
    // The three packets with which TCP begins are under way too.
    this.later(3, () => {
      const server = this.keep(connect({ host: to.address, port: to.port, allowHalfOpen: true }));
      this.carry(client, server, (bytes) => (this.traffic.sent += bytes));
      this.carry(server, client, (bytes) => (this.traffic.received += bytes));
    });
  }

  private carry(from: Socket, to: Socket, count: (bytes: number) => void): void {
    from.on("data", (chunk) => {
      count(chunk.length);
      this.later(1, () => to.write(chunk));
    });
    from.once("end", () => this.later(1, () => to.end()));
    from.once("close", () => this.later(1, () => to.destroySoon()));
    from.resume();
  }

  private keep(socket: Socket): Socket {
    this.sockets.add(socket);
    return socket
      .setNoDelay()
      .on("error", () => undefined)
      .once("close", () => this.sockets.delete(socket));
  }

  private later(ways: number, action: () => void): void {
    if (this.delayMs === 0) action();
    else setTimeout(action, ways * this.delayMs);
  }
}
