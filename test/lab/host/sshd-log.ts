import { inGuest } from "../faults/fault";
import type { LabHost } from "./running-host";

/** What sshd saw: connections that were made to it, and commands, shells and subsystems that were started in them. */
export interface SshdCounts {
  connections: number;
  sessions: number;
}

/** All that is in sshd's log by now. It is read through the guest agent, so that looking leaves no trace in it. */
export async function sshdCounts(lab: LabHost): Promise<SshdCounts> {
  const log = (await inGuest(lab, "journalctl --sync && journalctl -q -t sshd -o cat")).split("\n");
  const count = (start: string): number => log.filter((line) => line.startsWith(start)).length;
  return { connections: count("Connection from "), sessions: count("Starting session: ") };
}

/** What sshd saw while `action` ran. What `lab.sh` and `lab.run` do counts too; `lab.agent` does not. */
export async function sshdCountsDuring(lab: LabHost, action: () => Promise<unknown>): Promise<SshdCounts> {
  const before = await sshdCounts(lab);
  await action();
  const after = await sshdCounts(lab);
  return { connections: after.connections - before.connections, sessions: after.sessions - before.sessions };
}
