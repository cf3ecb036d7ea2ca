import { JsonSocket } from "./json-socket";

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

interface ExecStatus {
  exited: boolean;
  exitcode?: number;
  signal?: number;
  "out-data"?: string;
  "err-data"?: string;
}

const decode = (data = ""): string => Buffer.from(data, "base64").toString("utf8");
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * The agent answers whoever is connected, also what somebody asked who has gone since. So each conversation starts with
 * a number of its own, and what comes before its echo is not for us.
 */
async function openAgent(socketPath: string, limitMs: number): Promise<JsonSocket> {
  const agent = await JsonSocket.open(socketPath);
  const id = Math.floor(Math.random() * 2 ** 31);
  try {
    await agent.call("guest-sync", { id }, limitMs, (echo) => echo === id);
    return agent;
  } catch (error) {
    agent.close();
    throw error;
  }
}

/**
 * Runs a shell command in the guest as root through QEMU's guest agent: no network, no ssh, nothing in sshd's log. The
 * lab uses it to set hosts up and to inject faults.
 */
export async function runByAgent(socketPath: string, command: string, timeoutMs = 600_000): Promise<Outcome> {
  const agent = await openAgent(socketPath, Math.min(timeoutMs, 60_000)); // a crowded machine's guests take their time
  try {
    const { pid } = (await agent.call("guest-exec", {
      path: "/bin/sh",
      arg: ["-c", command],
      "capture-output": true,
      env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"],
    })) as { pid: number };
    for (const end = Date.now() + timeoutMs; Date.now() < end; await pause(50)) {
      const status = (await agent.call("guest-exec-status", { pid })) as ExecStatus;
      if (status.exited)
        return {
          code: status.exitcode ?? 128 + (status.signal ?? 0),
          stdout: decode(status["out-data"]),
          stderr: decode(status["err-data"]),
        };
    }
    throw new Error(`\`${command}\` did not end within ${timeoutMs} ms`);
  } finally {
    agent.close();
  }
}

/** Waits until the agent answers, that is until the guest is far enough in its boot. */
export async function waitForAgent(socketPath: string, timeoutMs: number): Promise<void> {
  for (const end = Date.now() + timeoutMs; ; await pause(200)) {
    try {
      (await openAgent(socketPath, 5000)).close();
      return;
    } catch (error) {
      if (Date.now() > end)
        throw new Error(`no guest agent at ${socketPath} within ${timeoutMs} ms: ${(error as Error).message}`);
    }
  }
}
