import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Place, Traffic } from "../wire";
import type { Answer, Order } from "./far-away";

/** Puts servers at a distance: each is reached through a port beside its own, half a round trip later. */
export class Distance {
  private readonly failed: Promise<never>;

  private constructor(private readonly child: ChildProcess) {
    this.failed = once(child, "exit").then(() => Promise.reject(new Error("the process that delays has ended")));
    this.failed.catch(() => undefined); // whoever asks hears of it
  }

  static async between(wires: { from: Place; to: Place }[], delayMs: number): Promise<Distance> {
    const distance = new Distance(fork(join(__dirname, "far-away.ts")));
    await distance.ask({ delayMs, wires });
    return distance;
  }

  async traffic(): Promise<Traffic> {
    return (await this.ask("traffic")) as Traffic;
  }

  end(): void {
    if (this.child.connected) this.child.disconnect();
  }

  private async ask(order: Order): Promise<Answer> {
    const answer = once(this.child, "message") as Promise<[Answer]>;
    this.child.send(order);
    return (await Promise.race([answer, this.failed]))[0];
  }
}
