import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { Wire } from "./wire";

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

const loopback = { address: "127.0.0.1", port: 0 };

/** A client at the other end of a wire to a server. */
async function joined(delayMs: number, serve: (socket: Socket) => void): Promise<{ wire: Wire; client: Socket }> {
  const server = createServer({ allowHalfOpen: true }, serve).listen(0, loopback.address);
  await once(server, "listening");
  const wire = new Wire(delayMs);
  ends.push(
    () => server.close(),
    () => wire.close(),
  );
  const { address, port } = await wire.lay(loopback, { ...loopback, port: (server.address() as AddressInfo).port });
  return { wire, client: connect(port, address) };
}

test("bytes are counted by direction, and come in order and whole", async () => {
  const { wire, client } = await joined(2, (socket) => {
    let all = "";
    socket.on("data", (chunk) => (all += String(chunk))).once("end", () => socket.end(all.repeat(3)));
  });
  for (const word of ["one ", "two ", "three"]) client.write(word);
  client.end();
  expect(await text(client)).toBe("one two three".repeat(3));
  expect(wire.traffic).toEqual({ connections: 1, sent: 13, received: 39 });
});

test("a question and its answer take a round trip more than without a delay", async () => {
  const { client } = await joined(50, (socket) => socket.pipe(socket));
  client.write("first");
  await once(client, "data"); // the connection is there
  const begun = performance.now();
  client.write("second");
  await once(client, "data");
  expect(performance.now() - begun).toBeGreaterThanOrEqual(98); // clocks of timers are whole milliseconds
});

test("the client of a server that breaks off hears of it", async () => {
  const { client } = await joined(1, (socket) => socket.destroy());
  client.resume().on("error", () => undefined);
  await once(client, "close");
});
