import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Endpoint, Traffic } from "../tcp-proxy";
import type { ProxyAnswer, ProxyRequest } from "./proxy-child";

/** A process with delaying proxies. Each server is reached through another port of its address, half a round trip later. */
export class ProxyProcess {
  private readonly failed: Promise<never>;

  private constructor(private readonly child: ChildProcess) {
    this.failed = once(child, "exit").then(() => Promise.reject(new Error("the proxy process has ended")));
    this.failed.catch(() => undefined); // callers of `ask` get the error
  }

  static async start(routes: { from: Endpoint; to: Endpoint }[], delayMs: number): Promise<ProxyProcess> {
    const proxy = new ProxyProcess(fork(join(__dirname, "proxy-child.ts")));
    await proxy.ask({ delayMs, routes });
    return proxy;
  }

  async traffic(): Promise<Traffic> {
    return (await this.ask("traffic")) as Traffic;
  }

  end(): void {
    if (this.child.connected) this.child.disconnect();
  }

  private async ask(request: ProxyRequest): Promise<ProxyAnswer> {
    const answer = once(this.child, "message") as Promise<[ProxyAnswer]>;
    this.child.send(request);
    return (await Promise.race([answer, this.failed]))[0];
  }
}
