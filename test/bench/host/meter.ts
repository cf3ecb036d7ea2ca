import type { LabHost } from "../../lab";
import { sshdCounts } from "../../lab";
import { inGuest } from "../../lab/faults/fault";
import { timed } from "../report";
import type { TcpProxy } from "../tcp-proxy";

/** The cost of an operation on a host and on the network. */
export interface Cost {
  connections: number;
  execs: number;
  /** Started on the host, including those of sshd. */
  processes: number;
  /** Bytes of TCP payload, encrypted. */
  sent: number;
  received: number;
  ms: number;
}

/** Counts the traffic through a proxy to a lab host, and the processes that are started there. Its own queries use the guest agent and are subtracted. */
export class Meter {
  private constructor(
    private readonly lab: LabHost,
    private readonly proxy: TcpProxy,
    private readonly own: number,
  ) {}

  static async on(lab: LabHost, proxy: TcpProxy): Promise<Meter> {
    const first = await processesStarted(lab);
    return new Meter(lab, proxy, (await processesStarted(lab)) - first);
  }

  async cost(work: () => Promise<unknown>): Promise<Cost> {
    const { sent, received } = this.proxy.traffic;
    const sshd = await sshdCounts(this.lab);
    const started = await processesStarted(this.lab);
    const ms = await timed(work);
    const processes = (await processesStarted(this.lab)) - started - this.own;
    const { connections, sessions } = await sshdCounts(this.lab);
    const { traffic } = this.proxy;
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

/** Returns the number of processes since the host booted. */
const processesStarted = async (lab: LabHost): Promise<number> =>
  Number(
    await inGuest(lab, 'while read -r name count; do [ "$name" != processes ] || echo "$count"; done </proc/stat'),
  );
