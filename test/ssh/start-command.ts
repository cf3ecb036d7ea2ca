import { CommandStart } from "../../provider/ssh/command-start";
import { endpoint } from "../../provider/ssh/endpoint";
import type { StreamName } from "../../provider/ssh/output";

export interface Printed {
  usesSudo: boolean;
  /** What the host prints on stderr, chunk by chunk. */
  pieces?: string[];
  stdout?: string;
}

/** A command of operator@gpu1 that is about to start: what its events were, and what of stderr was its own output. */
export function startCommand({ usesSudo, pieces = [], stdout = "" }: Printed) {
  const events: string[] = [];
  const markers = { prompt: "password-abc", begun: "begun-abc", opened: "opened-abc" };
  const start = new CommandStart(
    endpoint({ host: "gpu1", user: "operator" }),
    { markers, usesSudo },
    {
      prompt: () => events.push("prompt"),
      opened: () => events.push("opened"),
      refused: (error) => events.push(error.message),
    },
  );
  const take = (stream: StreamName, text: string) => start.read(stream, text);
  const own = pieces.map((piece) => take("stderr", piece)).join("") + take("stdout", stdout);
  return { start, events, own };
}
