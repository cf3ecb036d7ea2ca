import type { DescribedHost } from "./describe";

/** The settings that all hosts share, and the hosts without these settings. */
export interface GroupedHosts {
  defaults: Pick<DescribedHost, "connection" | "driver" | "restoreAtBoot">;
  /** Hosts with equal remaining settings. */
  groups: [DescribedHost, ...DescribedHost[]][];
  /** All other hosts. */
  singles: DescribedHost[];
}

export function extractCommon(hosts: readonly DescribedHost[]): GroupedHosts {
  const defaults = {
    connection: common(hosts.map(({ connection }) => connection)),
    ...common(hosts.map(({ driver, restoreAtBoot }) => ({ driver, restoreAtBoot }))),
  };
  const rest = hosts.map((host) => ({
    ...host,
    connection: without(defaults.connection, host.connection),
    driver: defaults.driver ? undefined : host.driver,
    restoreAtBoot: defaults.restoreAtBoot === false ? undefined : host.restoreAtBoot,
  }));
  const bySettings = new Map<string, [DescribedHost, ...DescribedHost[]]>();
  for (const host of rest) {
    const { name: _, ...settings } = host;
    const same = bySettings.get(JSON.stringify(settings));
    if (same) same.push(host);
    else bySettings.set(JSON.stringify(settings), [host]);
  }
  const groups = [...bySettings.values()];
  return {
    defaults,
    groups: groups.filter(({ length }) => length > 1),
    singles: groups.filter(({ length }) => length === 1).flat(),
  };
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function common<T extends object>(all: readonly T[]): Partial<T> {
  const [first, ...others] = all;
  const entries = Object.entries(first ?? {}).filter(([key, value]) =>
    others.every((one) => isSame(one[key as keyof T], value)),
  );
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Partial<T>;
}

const without = <T extends object>(known: Partial<T>, whole: T): T =>
  Object.fromEntries(Object.entries(whole).filter(([key]) => !(key in known))) as T;
