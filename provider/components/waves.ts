import * as pulumi from "@pulumi/pulumi";
import type { DeclaredHost } from "./declared-host";
import { troubleOf } from "./host-status";

/** The order in which hosts are changed. */
export interface RolloutArgs {
  /**
   * Hosts that are changed first.
   *
   * @default none
   */
  canary?: string[];
  /**
   * Number of other hosts in each wave.
   *
   * @default all
   */
  batch?: number;
}

/** Returns the waves: the canaries, then the other hosts in batches. */
export function wavesOf(hosts: readonly string[], { canary = [], batch = hosts.length }: RolloutArgs = {}): string[][] {
  const unknown = canary.find((one) => !hosts.includes(one));
  if (unknown !== undefined) throw new pulumi.RunError(`rollout.canary: there is no host "${unknown}"`);
  if (!Number.isInteger(batch) || (batch < 1 && hosts.length > 0))
    throw new pulumi.RunError(`rollout.batch: ${batch} is not a number of hosts`);
  const others = hosts.filter((one) => !canary.includes(one));
  const waves = Array.from({ length: Math.ceil(others.length / batch) }, (_, i) =>
    others.slice(i * batch, (i + 1) * batch),
  );
  return [hosts.filter((one) => canary.includes(one)), ...waves].filter((wave) => wave.length > 0);
}

/**
 * Returns what the next wave waits for, after the outputs of this one are known. A canary has to be in sync, or in maintenance. Of the
 * other waves, only a failed change stops the next one: a blocked or unreachable host proves nothing against the change.
 */
export async function waitForWave(
  before: Promise<string | undefined>,
  wave: readonly (readonly [string, DeclaredHost])[],
  { canary = [] }: RolloutArgs = {},
): Promise<string | undefined> {
  const troubles = await Promise.all(
    wave.map(async ([name, { args, host }]) => {
      const trouble = args.maintenance === undefined ? await troubleOf(host.parts) : undefined;
      const text = trouble && wordOf[trouble];
      if (canary.includes(name)) return text && `the canary ${name}, which ${text}`;
      return trouble === "failed" ? `${name}, which ${text}` : undefined;
    }),
  );
  return (await before) ?? troubles.find(Boolean);
}

const wordOf = { failed: "failed", blocked: "is blocked", unreachable: "is unreachable", waiting: "waits" } as const;
