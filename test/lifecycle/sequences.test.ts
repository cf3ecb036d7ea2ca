import { test, vi } from "vitest";
import type { apply } from "../../provider/apply/apply";
import { Random } from "../plan/random";
import { withSeeds } from "../plan/with-seeds";
import { Sequence } from "./sequences/events";

// The way to the host; what is done there is up to the model.
vi.mock("../../provider/apply/apply", () => ({
  apply: (ssh: { apply: (steps: unknown) => ReturnType<typeof apply> }, steps: unknown) => ssh.apply(steps),
}));

// The rules are in sequences/rules.ts.
test("whatever happens: nothing in use goes, nothing of another owner, nothing of ours is left behind, and one run is enough", async () => {
  await withSeeds(200, async (seed) => {
    const sequence = new Sequence(new Random(seed));
    try {
      for (let n = 0; n < 16; n++) await sequence.next();
      await sequence.end();
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${sequence.log.join("\n")}`, { cause: error });
    }
  });
}, 300_000);
