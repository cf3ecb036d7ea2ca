import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";

/** A wire that can be cut, or go dead without a word, between a client and a server. */
export class Relay {
  connections = 0;
  private readonly sockets = new Set<Socket>();
  private readonly inbound = new Set<Socket>();
  private readonly server: Server;

  private constructor(private readonly to: { address: string; port: number }) {
    this.server = createServer((inbound) => this.join(inbound));
  }

  /** At a free port, or at that of one that was closed. */
  static async to(target: { address: string; port: number }, port = 0): Promise<Relay> {
    const relay = new Relay(target);
    await new Promise<void>((resolve, reject) => relay.server.once("error", reject).listen(port, "127.0.0.1", resolve));
    return relay;
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Cuts once so many more bytes went to the server. */
  cutAfter(bytes: number): void {
    let left = bytes;
    const count = (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) this.cut();
    };
    for (const inbound of this.inbound) inbound.on("data", count);
  }

  /** Nothing passes any more, and nobody is told. */
  goDead(): void {
    for (const socket of this.sockets) socket.unpipe().removeAllListeners("data").resume();
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private join(inbound: Socket): void {
    this.connections++;
    this.inbound.add(inbound);
    const outbound = connect(this.to.port, this.to.address);
    for (const socket of [inbound, outbound]) {
      this.sockets.add(socket);
      socket
        .on("error", () => undefined)
        .once("close", () => {
          this.sockets.delete(socket);
          this.inbound.delete(socket);
          inbound.destroy();
          outbound.destroy();
        });
    }
    inbound.pipe(outbound).pipe(inbound);
  }
}
