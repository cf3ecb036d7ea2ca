import type { Server, Socket } from "node:net";
import { createServer } from "node:net";

/** A TCP server that is no ssh server, or one that refuses. It listens on all of the loopback network. */
export class FakeServer {
  dials = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(greet: (socket: Socket) => void): Promise<FakeServer> {
    const server = createServer((socket) => {
      fake.dials++;
      fake.sockets.add(socket.once("close", () => fake.sockets.delete(socket)));
      greet(socket.on("error", () => undefined).resume());
    });
    const fake = new FakeServer(server);
    await new Promise<void>((done) => server.listen(0, "0.0.0.0", done));
    return fake;
  }

  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}
