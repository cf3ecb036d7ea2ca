import type { LabHost } from "../../lab";
import { sshdCounts } from "../../lab";
import { inGuest } from "../../lab/faults/fault";
import { timed } from "../report";
import type { Wire } from "../wire";

/** What something cost on a host and on the way there. */
export interface Cost {
  connections: number;
  execs: number;
  /** That were started on the host, those of sshd too. */
  processes: number;
  /** Bytes of TCP, as they are on the way: encrypted. */
  sent: number;
  received: number;
  ms: number;
}

/** Counts what goes over a wire to a lab host, and what is started there. Its own questions go another way, and are left out. */
export class Meter {
  private constructor(
    private readonly lab: LabHost,
    private readonly wire: Wire,
    private readonly own: number,
  ) {}

  static async on(lab: LabHost, wire: Wire): Promise<Meter> {
    const first = await processesStarted(lab);
    return new Meter(lab, wire, (await processesStarted(lab)) - first);
  }

  async cost(work: () => Promise<unknown>): Promise<Cost> {
    const { sent, received } = this.wire.traffic;
    const sshd = await sshdCounts(this.lab);
    const started = await processesStarted(this.lab);
    const ms = await timed(work);
    const processes = (await processesStarted(this.lab)) - started - this.own;
    const { connections, sessions } = await sshdCounts(this.lab);
    const { traffic } = this.wire;
    return {
      connections: connections - sshd.connections,
      execs: sessions - sshd.sessions,
      processes,
      sent: traffic.sent - sent,
      received: traffic.received - received,
      ms,
    };
  }
}

/** Since the host booted. */
const processesStarted = async (lab: LabHost): Promise<number> =>
  Number(
    await inGuest(lab, 'while read -r name count; do [ "$name" != processes ] || echo "$count"; done </proc/stat'),
  );
