import type { Duplex } from "node:stream";
import type { Client } from "ssh2";

const unansweredAtMost = 3;

/**
 * Notices a server that is gone without a word (power cut, network). ssh2 has this built in, but with a timer that
 * keeps the process alive for as long as the connection is open. Any request with an answer serves: this one takes
 * back a forwarding that never was, which sshd refuses without a line in its log.
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
    if (++unanswered > unansweredAtMost) {
      onSilence(`no sign of life for ${(unansweredAtMost * everyMs) / 1000} s`);
    } else if (stream.writable) {
      client.unforwardIn("keepalive", 0, heard);
    }
  }, everyMs).unref();
  return () => {
    clearInterval(timer);
    stream.off("data", heard);
  };
}
