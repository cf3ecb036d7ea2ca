import { setMaxListeners } from "node:events";
import type { Connection } from "../model/connection";
import { isUserError } from "../model/errors";
import type { HostFacts } from "../model/facts/host-facts";
import type { ConnectionPool } from "../ssh";
import { Ssh } from "../ssh";
import { orAborted } from "../ssh/abort";
import { Batch } from "./batch";
import type { HostDependencies } from "./dependencies";
import { defaultDependencies } from "./dependencies";
import type { Reading } from "./facts-reader";
import { FactsReader } from "./facts-reader";
import type { FactsOptions, Host, Outcome, Request } from "./host";
import type { HostHandle } from "./host-handle";
import { QueuedRequest } from "./queued-request";
import { readOnlyError } from "./read-only";

/** A refresh of a thousand hosts takes minutes, and the resources of one host come in it minutes apart. They share one reading. */
const defaultMaxAgeMs = 600_000;
/** How long facts that were read after our own run are recent enough for the next plan. */
const reuseFactsMs = 5_000;

/** A host with a queue: requests that wait at the same time are served as one batch, one batch after the other. */
export class QueuedHost implements Host {
  private readonly handle: HostHandle;
  private readonly isReadOnly: boolean;
  private readonly readingSsh: Ssh;
  /** Why the host could not be read. Each of its resources would wait for it once more. */
  private lastFailure: { endedAt: number; error: unknown } | undefined;
  private waiting: QueuedRequest[] = [];
  private isServing = false;
  private factsAfterApply: Reading | undefined;

  constructor(
    connection: Connection,
    { pool, dependencies = defaultDependencies() }: { pool?: ConnectionPool; dependencies?: HostDependencies } = {},
  ) {
    const ssh = new Ssh(connection, pool);
    const pollingSsh = new Ssh({ ...connection, dialErrorLimit: 0, perDialTimeout: 10 }, pool);
    this.readingSsh = new Ssh(connection, pool, { isForReading: true });
    this.handle = { ssh, pollingSsh, dependencies, reader: new FactsReader(ssh, dependencies, connection.readOnly) };
    this.isReadOnly = connection.readOnly ?? false;
  }

  get name(): string {
    return this.handle.ssh.host;
  }

  async facts({ maxAgeMs = defaultMaxAgeMs, signal }: FactsOptions = {}): Promise<HostFacts> {
    signal?.throwIfAborted();
    const notBefore = performance.now() - maxAgeMs;
    if (this.lastFailure && this.lastFailure.endedAt >= notBefore) throw this.lastFailure.error;
    try {
      return (await this.handle.reader.read(notBefore, signal, this.readingSsh)).facts;
    } catch (error) {
      if (isUserError(error)) this.lastFailure = { endedAt: performance.now(), error };
      throw error;
    }
  }

  lastFacts(): HostFacts | undefined {
    return this.handle.reader.last?.facts;
  }

  async ensure(request: Request): Promise<Outcome> {
    if (this.isReadOnly) throw readOnlyError(this.name);
    request.signal?.throwIfAborted();
    // One signal may stop hundreds of requests.
    if (request.signal) setMaxListeners(0, request.signal);
    const outcome = new Promise<Outcome>((resolve, reject) =>
      this.waiting.push(new QueuedRequest(request, resolve, reject)),
    );
    void this.serveWaiting();
    return orAborted(outcome, request.signal);
  }

  private async serveWaiting(): Promise<void> {
    if (this.isServing) return;
    this.isServing = true;
    while (this.waiting.length > 0) {
      try {
        const reading = await this.currentReading();
        this.lastFailure = undefined;
        // Includes the requests that came while the host was read.
        this.factsAfterApply = await new Batch(this.handle, this.takeWaiting(), reading).serve();
      } catch (error) {
        for (const queued of this.takeWaiting()) queued.reject(error);
      }
    }
    this.isServing = false;
  }

  private async currentReading(): Promise<Reading> {
    const { factsAfterApply } = this;
    if (factsAfterApply && performance.now() - factsAfterApply.begunAt <= reuseFactsMs) return factsAfterApply;
    return this.handle.reader.readToChange(this.waiting[0]!.queuedAt);
  }

  private takeWaiting(): QueuedRequest[] {
    return this.waiting.splice(0).filter(({ isAborted }) => !isAborted);
  }
}
