import * as pulumi from "@pulumi/pulumi";

/** In which waves hosts are changed. */
export interface RolloutArgs {
  /**
   * Hosts that go first.
   *
   * @default none
   */
  canary?: string[];
  /**
   * How many of the others make a wave, in their order.
   *
   * @default all
   */
  batch?: number;
}

/** Each host once, the canaries first. */
export function wavesOf(hosts: readonly string[], { canary = [], batch = hosts.length }: RolloutArgs = {}): string[][] {
  const stranger = canary.find((one) => !hosts.includes(one));
  if (stranger !== undefined) throw new pulumi.RunError(`rollout.canary: there is no host "${stranger}"`);
  if (!Number.isInteger(batch) || (batch < 1 && hosts.length > 0))
    throw new pulumi.RunError(`rollout.batch: ${batch} is not a number of hosts`);
  const others = hosts.filter((one) => !canary.includes(one));
  const waves = Array.from({ length: Math.ceil(others.length / batch) }, (_, i) =>
    others.slice(i * batch, (i + 1) * batch),
  );
  return [hosts.filter((one) => canary.includes(one)), ...waves].filter((wave) => wave.length > 0);
}
