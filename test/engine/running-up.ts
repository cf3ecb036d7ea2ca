import type { ChildProcess } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Running } from "../apply/processes";
import { processes } from "../apply/processes";
import type { LabHost } from "../lab";
import { faults, injectFault } from "../lab/faults";
import { inGuest } from "../lab/faults/fault";
import type { Outcome, Stack } from "./stack";

/** An `up` that has not ended. */
export interface RunningUp {
  cli: ChildProcess;
  ended: Promise<Outcome>;
  /** What it has printed so far. */
  printed: () => string;
}

export async function startUp(stack: Stack, ...options: string[]): Promise<RunningUp> {
  const { child, ended } = await stack.start("up", "--yes", "--skip-preview", ...options);
  let printed = "";
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (text) => (printed += text));
  return { cli: child, ended, printed: () => printed };
}

/** Returns the pids of all processes of an `up`, including the CLI. */
export const pidsOf = (running: RunningUp): number[] => processesOf(running).map(({ pid }) => pid);

/** Returns the pids of its provider processes. */
export const providersOf = (running: RunningUp): number[] =>
  processesOf(running)
    .filter(({ words }) => /^node \S*\/(dynamic-provider\/|pulumi-resource-nvidia-vgpu )/.test(words))
    .map(({ pid }) => pid);

function processesOf({ cli }: RunningUp): Running[] {
  const all = processes();
  const isBelow = (pid: number): boolean =>
    pid === cli.pid || all.some((one) => one.pid === pid && isBelow(one.parent));
  return all.filter(({ pid }) => isBelow(pid));
}

/** Returns the pid of the provider process that has the active run on the host. */
export async function activeProvider(lab: LabHost, running: RunningUp): Promise<number> {
  const pid = Number(/\(pid (\d+); /.exec(await inGuest(lab, `${hasActiveRun} && cat $run/requester`))![1]);
  expect(providersOf(running)).toContain(pid);
  return pid;
}

export const isRunning = (pid: number): boolean => processes().some((one) => one.pid === pid);

/** Removes the lock that a killed CLI left on a stack. */
export async function cancel(stack: Stack): Promise<void> {
  const { code, output } = await stack.pulumi("cancel", "--yes");
  expect(code, output).toBe(0);
}

/** Waits until a shell condition is true on the host. It uses the guest agent, so ssh need not work. */
export const waitUntil = (lab: LabHost, condition: string, limitSeconds = 90): Promise<string> =>
  inGuest(
    lab,
    `read -r now _ </proc/uptime; end=$((\${now%.*} + ${limitSeconds}))
    until ${condition}; do
      sleep 0.1; read -r now _ </proc/uptime
      [ \${now%.*} -lt $end ] || { echo 'never true: ${condition.replaceAll("'", "")}' >&2; exit 1; }
    done`,
  );

/** A shell condition: a run is active. It sets $run to its folder. */
export const hasActiveRun =
  "{ for run in /run/nvidia-vgpu/run-*; do [ -e $run/alive ] && ! flock -s -n $run/alive true && break; done; }";

/** Makes enabling virtual functions slow, until `speedUpVfs`. */
export const slowDownVfs = (lab: LabHost): Promise<void> => injectFault(lab, "slow-vf-enable", "1200");
export const hasSomeVfs = `${hasActiveRun} && [ $(ls -d /sys/bus/pci/drivers/nvidia/0000:41:* | wc -l) -ge 4 ]`;

export const speedUpVfs = (lab: LabHost): Promise<void> => faults["slow-vf-enable"]!.clear!(lab);

const sriovManage = "/usr/lib/nvidia/sriov-manage";

/** Records all calls of sriov-manage from now on. */
export const recordSriovManage = async (lab: LabHost): Promise<void> =>
  void (await inGuest(
    lab,
    `
  mv ${sriovManage} ${sriovManage}.counted && cat >${sriovManage} <<'SH' && chmod 755 ${sriovManage}
#!/bin/sh
echo "$*" >>/run/sriov-manage.calls
exec ${sriovManage}.counted "$@"
SH`,
  ));

export const sriovManageCalls = async (lab: LabHost): Promise<string[]> =>
  (await inGuest(lab, "cat /run/sriov-manage.calls 2>/dev/null || true")).split("\n").filter(Boolean);

/** Expects that neither the host nor the stack is locked. */
export async function expectNoLocks(lab: LabHost, stack: Stack): Promise<void> {
  await inGuest(lab, "cd /run/nvidia-vgpu && for lock in lock run-*/alive; do flock -n $lock true || exit 1; done");
  const locks = readdirSync(join(stack.folder, "state", ".pulumi", "locks"), { recursive: true, encoding: "utf8" });
  expect(locks.filter((name) => name.endsWith(".json"))).toEqual([]);
}
