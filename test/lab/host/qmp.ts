import { JsonSocket } from "./json-socket";

/** One command for QEMU's monitor. */
export async function qmp(
  socketPath: string,
  command: string,
  args?: Record<string, unknown>,
  timeoutMs = 60_000,
): Promise<unknown> {
  const monitor = await JsonSocket.open(socketPath);
  try {
    await monitor.call("qmp_capabilities");
    return await monitor.call(command, args, timeoutMs);
  } finally {
    monitor.close();
  }
}

/** A command of the human monitor; it answers an error as text, so any text is one. */
export async function monitorCommand(socketPath: string, line: string): Promise<void> {
  const text = await qmp(socketPath, "human-monitor-command", { "command-line": line });
  if (text) throw new Error(`QEMU's monitor, ${line}: ${String(text).trim()}`);
}
