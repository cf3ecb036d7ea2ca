import { setMaxListeners } from "node:events";
import type { Connection } from "../model/connection";
import type { HostFacts } from "../model/facts/host-facts";
import type { ConnectionPool } from "../ssh";
import { Ssh } from "../ssh";
import { orAborted } from "../ssh/ssh";
import { Batch } from "./batch";
import type { HostDependencies, HostHandle } from "./dependencies";
import { defaultDependencies } from "./dependencies";
import type { Reading } from "./facts-reader";
import { FactsReader } from "./facts-reader";
import type { FactsOptions, Host, Outcome, Request } from "./host";
import { QueuedRequest } from "./queued-request";

const readable = 30_000;
/** Facts from behind our own apply are new enough to go on with for so long. */
const reuseFactsMs = 5_000;

/** A host whose changes wait for each other, and are made together with all that wait. */
export class QueuedHost implements Host {
  private readonly machine: HostHandle;
  private waiting: QueuedRequest[] = [];
  private isAtWork = false;
  private factsAfterApply: Reading | undefined;

  constructor(
    connection: Connection,
    { pool, means: dependencies = defaultDependencies() }: { pool?: ConnectionPool; means?: HostDependencies } = {},
  ) {
    const ssh = new Ssh(connection, pool);
    const pollingSsh = new Ssh({ ...connection, dialErrorLimit: 0, perDialTimeout: 10 }, pool);
    this.machine = { ssh, pollingSsh, dependencies, reader: new FactsReader(ssh, dependencies) };
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
    const outcome = new Promise<Outcome>((resolve, reject) =>
      this.waiting.push(new QueuedRequest(request, resolve, reject)),
    );
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
        this.factsAfterApply = await new Batch(this.machine, this.takeWaiting(), reading).serve();
      } catch (error) {
        for (const member of this.takeWaiting()) member.reject(error);
      }
    }
    this.isAtWork = false;
  }

  private async readingToPlanWith(): Promise<Reading> {
    const { factsAfterApply } = this;
    if (factsAfterApply && performance.now() - factsAfterApply.begunAt <= reuseFactsMs) return factsAfterApply;
    return this.machine.reader.read(this.waiting[0]!.since);
  }

  private takeWaiting(): QueuedRequest[] {
    return this.waiting.splice(0).filter(({ isAborted }) => !isAborted);
  }
}
