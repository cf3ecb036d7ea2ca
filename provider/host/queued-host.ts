import { setMaxListeners } from "node:events";
import type { Connection } from "../model/connection";
import type { HostFacts } from "../model/facts/host-facts";
import { Ssh, type ConnectionPool } from "../ssh";
import { orAborted } from "../ssh/run";
import { Batch } from "./batch";
import { FactsReader, type Reading } from "./facts-reader";
import type { FactsOptions, Host } from "./host";
import type { Machine } from "./machine";
import { ourMeans, type Means } from "./means";
import { Member } from "./member";
import type { Outcome, Request } from "./request";

const readable = 30_000;
/** Facts from behind our own apply are new enough to go on with for so long. */
const goOnWithinMs = 5_000;

/** A host whose changes wait for each other, and are made together with all that wait. */
export class QueuedHost implements Host {
  private readonly machine: Machine;
  private waiting: Member[] = [];
  private isAtWork = false;
  private behindApply: Reading | undefined;

  constructor(connection: Connection, { pool, means = ourMeans() }: { pool?: ConnectionPool; means?: Means } = {}) {
    const ssh = new Ssh(connection, pool);
    const restless = new Ssh({ ...connection, dialErrorLimit: 0, perDialTimeout: 10 }, pool);
    this.machine = { ssh, restless, means, reader: new FactsReader(ssh, means) };
  }

  get name(): string {
    return this.machine.ssh.host;
  }

  async facts({ maxAgeMs = readable, signal }: FactsOptions = {}): Promise<HostFacts> {
    signal?.throwIfAborted();
    return (await this.machine.reader.read(performance.now() - maxAgeMs, signal)).facts;
  }

  async ensure(request: Request): Promise<Outcome> {
    request.signal?.throwIfAborted();
    // One signal may well stop hundreds of requests.
    if (request.signal) setMaxListeners(0, request.signal);
    const outcome = new Promise<Outcome>((resolve, reject) => this.waiting.push(new Member(request, resolve, reject)));
    void this.work();
    return orAborted(outcome, request.signal);
  }

  private async work(): Promise<void> {
    if (this.isAtWork) return;
    this.isAtWork = true;
    while (this.waiting.length > 0) {
      try {
        const reading = await this.readingToPlanWith();
        // Those too who came while it was being read.
        this.behindApply = await new Batch(this.machine, this.takeWaiting(), reading).serve();
      } catch (error) {
        for (const member of this.takeWaiting()) member.reject(error);
      }
    }
    this.isAtWork = false;
  }

  private async readingToPlanWith(): Promise<Reading> {
    const { behindApply } = this;
    if (behindApply && performance.now() - behindApply.begunAt <= goOnWithinMs) return behindApply;
    return this.machine.reader.read(this.waiting[0]!.since);
  }

  private takeWaiting(): Member[] {
    return this.waiting.splice(0).filter(({ isAborted }) => !isAborted);
  }
}
