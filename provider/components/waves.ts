import * as pulumi from "@pulumi/pulumi";

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
