// A process of its own, so that the delay does not depend on the load of the measuring process.
import type { Endpoint, Traffic } from "../tcp-proxy";
import { TcpProxy } from "../tcp-proxy";

/** The first message has the routes; each later one asks for the traffic so far. */
export type ProxyRequest = { delayMs: number; routes: { from: Endpoint; to: Endpoint }[] } | "traffic";

export type ProxyAnswer = "listening" | Traffic;

let proxy: TcpProxy | undefined;

async function answer(request: ProxyRequest): Promise<ProxyAnswer> {
  if (request === "traffic") return proxy!.traffic;
  proxy = new TcpProxy(request.delayMs);
  await Promise.all(request.routes.map(({ from, to }) => proxy!.forward(from, to)));
  return "listening";
}

process.on("message", (request: ProxyRequest) => void answer(request).then((result) => process.send!(result)));
process.once("disconnect", () => process.exit());
process.on("SIGINT", () => undefined); // ^C reaches all foreground processes; this one ends with its parent
