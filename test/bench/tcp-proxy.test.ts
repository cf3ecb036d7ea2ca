import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { TcpProxy } from "./tcp-proxy";

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

const loopback = { address: "127.0.0.1", port: 0 };

/** Starts a server, and connects a client to it through a proxy. */
async function joined(delayMs: number, serve: (socket: Socket) => void): Promise<{ proxy: TcpProxy; client: Socket }> {
  const server = createServer({ allowHalfOpen: true }, serve).listen(0, loopback.address);
  await once(server, "listening");
  const proxy = new TcpProxy(delayMs);
  ends.push(
    () => server.close(),
    () => proxy.close(),
  );
  const { address, port } = await proxy.forward(loopback, {
    ...loopback,
    port: (server.address() as AddressInfo).port,
  });
  return { proxy, client: connect(port, address) };
}

test("the proxy counts bytes by direction, and delivers all of them in order", async () => {
  const { proxy, client } = await joined(2, (socket) => {
    let all = "";
    socket.on("data", (chunk) => (all += String(chunk))).once("end", () => socket.end(all.repeat(3)));
  });
  for (const word of ["one ", "two ", "three"]) client.write(word);
  client.end();
  expect(await text(client)).toBe("one two three".repeat(3));
  expect(proxy.traffic).toEqual({ connections: 1, sent: 13, received: 39 });
});

test("the proxy adds a round trip to a request and its answer", async () => {
  const { client } = await joined(50, (socket) => socket.pipe(socket));
  client.write("first");
  await once(client, "data"); // the connection is there
  const begun = performance.now();
  client.write("second");
  await once(client, "data");
  expect(performance.now() - begun).toBeGreaterThanOrEqual(98); // clocks of timers are whole milliseconds
});

test("the proxy closes the client's connection when the server closes its own", async () => {
  const { client } = await joined(1, (socket) => socket.destroy());
  client.resume().on("error", () => undefined);
  await once(client, "close");
});
