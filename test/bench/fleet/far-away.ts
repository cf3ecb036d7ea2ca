// A process of its own, so that the delay does not depend on how busy the one that measures is.
import type { Place, Traffic } from "../wire";
import { Wire } from "../wire";

/** What it is sent: first which wires to lay, then each time that the traffic so far is wanted. */
export type Order = { delayMs: number; wires: { from: Place; to: Place }[] } | "traffic";

export type Answer = "laid" | Traffic;

let wire: Wire | undefined;

async function obey(order: Order): Promise<Answer> {
  if (order === "traffic") return wire!.traffic;
  wire = new Wire(order.delayMs);
  await Promise.all(order.wires.map(({ from, to }) => wire!.lay(from, to)));
  return "laid";
}

process.on("message", (order: Order) => void obey(order).then((answer) => process.send!(answer)));
process.once("disconnect", () => process.exit());
process.on("SIGINT", () => undefined); // ^C reaches the whole foreground; it ends with its parent
