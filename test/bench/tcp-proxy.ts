import type { AddressInfo, Server, Socket } from "node:net";
import { connect, createServer } from "node:net";

export interface Endpoint {
  address: string;
  port: number;
}

/** Bytes by direction, from the client's view, and the number of connections. */
export interface Traffic {
  connections: number;
  sent: number;
  received: number;
}

/**
 * A TCP proxy that delays and counts traffic. It has no flow control: delayed bytes stay in memory, which is
 * enough for the small amounts here.
 */
export class TcpProxy {
  readonly traffic: Traffic = { connections: 0, sent: 0, received: 0 };
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();

  /** `delayMs` is the delay of one direction: half of a round trip. */
  constructor(private readonly delayMs = 0) {}

  /** Listens at `from` and connects clients to `to`. Port 0 is a free one. */
  async forward(from: Endpoint, to: Endpoint): Promise<Endpoint> {
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

  private join(client: Socket, to: Endpoint): void {
    this.traffic.connections++;
    this.keep(client);
    // The three packets of the TCP handshake are delayed too.
    this.later(3, () => {
      const server = this.keep(connect({ host: to.address, port: to.port, allowHalfOpen: true }));
      this.relay(client, server, (bytes) => (this.traffic.sent += bytes));
      this.relay(server, client, (bytes) => (this.traffic.received += bytes));
    });
  }

  private relay(from: Socket, to: Socket, count: (bytes: number) => void): void {
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
