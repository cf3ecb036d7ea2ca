import type { Duplex } from "node:stream";

/** What a server sent in place of its version line, before it closed the connection. */
export class NoVersionLine extends Error {
  constructor(readonly text: string) {
    super("the server closed the connection");
  }
}

const versionLine = /^SSH-/m;
/** More is no greeting: RFC 4253, 4.2 allows lines before the version, and tar pits send them without end. */
const maxBytes = 16_384;

/** Waits for the version line of an ssh server, and puts all that was received back into the stream. */
export function awaitVersionLine(stream: Duplex, received: (text: string) => void, signal: AbortSignal): Promise<void> {
  // An error may come between this wait and the next one.
  stream.on("error", () => undefined);
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const stop = () => {
      stream.off("data", take).off("error", fail).off("end", closed).off("close", closed);
      signal.removeEventListener("abort", aborted);
    };
    const fail = (error: Error) => {
      stop();
      reject(error);
      stream.destroy();
    };
    const aborted = () => fail(signal.reason as Error);
    const closed = () => fail(new NoVersionLine(bytes.toString("utf8")));
    const take = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const text = bytes.toString("latin1");
      received(bytes.toString("utf8"));
      if (versionLine.test(text)) {
        stop();
        stream.pause();
        stream.unshift(bytes);
        resolve();
      } else if (bytes.length > maxBytes) closed();
    };
    stream.on("data", take).once("error", fail).once("end", closed).once("close", closed);
    signal.addEventListener("abort", aborted, { once: true });
    if (signal.aborted) aborted();
  });
}
