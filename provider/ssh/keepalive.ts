import type { Duplex } from "node:stream";
import type { Client } from "ssh2";

const maxUnanswered = 3;

/**
 * Detects a server that no longer answers (power cut, network). ssh2 has this built in, but with a timer that keeps the process alive
 * while the connection is open. Any request with an answer will do: this one cancels a forwarding that does not exist, which sshd
 * refuses without a line in its log. Returns a function that stops it.
 */
export function keepAlive(
  client: Client,
  stream: Duplex,
  everyMs: number,
  onSilence: (reason: string) => void,
): () => void {
  let unanswered = 0;
  const heard = () => (unanswered = 0);
  stream.on("data", heard);
  const timer = setInterval(() => {
    if (++unanswered > maxUnanswered) {
      onSilence(`no sign of life for ${(maxUnanswered * everyMs) / 1000} s`);
    } else if (stream.writable) {
      client.unforwardIn("keepalive", 0, heard);
    }
  }, everyMs).unref();
  return () => {
    clearInterval(timer);
    stream.off("data", heard);
  };
}
