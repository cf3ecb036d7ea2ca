import type { ChildProcess } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Running } from "../apply/processes";
import { processes } from "../apply/processes";
import type { LabHost } from "../lab";
import { faults, injectFault } from "../lab/faults";
import { inGuest } from "../lab/faults/fault";
import type { Ended, Stack } from "./stack";

/** An `up` that has not ended. */
export interface RunningUp {
  cli: ChildProcess;
  ended: Promise<Ended>;
  /** What it has printed so far. */
  printed: () => string;
}

export async function begin(stack: Stack, ...options: string[]): Promise<RunningUp> {
  const { child, ended } = await stack.start("up", "--yes", "--skip-preview", ...options);
  let printed = "";
  for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (text) => (printed += text));
  return { cli: child, ended, printed: () => printed };
}

/** Pids of all processes that an `up` has started, the CLI among them. */
export const familyOf = (going: RunningUp): number[] => below(going).map(({ pid }) => pid);

/** Those of its provider processes. */
export const providersOf = (going: RunningUp): number[] =>
  below(going)
    .filter(({ words }) => words.startsWith("node ") && words.includes("/dynamic-provider/"))
    .map(({ pid }) => pid);

function below({ cli }: RunningUp): Running[] {
  const all = processes();
  const isBelow = (pid: number): boolean =>
    pid === cli.pid || all.some((one) => one.pid === pid && isBelow(one.parent));
  return all.filter(({ pid }) => isBelow(pid));
}

/** Pid of the one whose run is at work on the host now. */
export async function providerAtWork(lab: LabHost, going: RunningUp): Promise<number> {
  const pid = Number(/\(pid (\d+); /.exec(await inGuest(lab, `${runAtWork} && cat $run/owner`))![1]);
  expect(providersOf(going)).toContain(pid);
  return pid;
}

export const lives = (pid: number): boolean => processes().some((one) => one.pid === pid);

/** Frees a stack of the lock that a killed CLI left. */
export async function cancel(stack: Stack): Promise<void> {
  const { code, output } = await stack.pulumi("cancel", "--yes");
  expect(code, output).toBe(0);
}

/** Waits until a shell condition is true on the host. It is asked through the guest agent, so ssh need not work. */
export const onceTrue = (lab: LabHost, condition: string, limitSeconds = 90): Promise<string> =>
  inGuest(
    lab,
    `read -r now _ </proc/uptime; end=$((\${now%.*} + ${limitSeconds}))
    until ${condition}; do
      sleep 0.1; read -r now _ </proc/uptime
      [ \${now%.*} -lt $end ] || { echo 'never true: ${condition.replaceAll("'", "")}' >&2; exit 1; }
    done`,
  );

/** True while a run is at work, whose folder it leaves in $run. */
export const runAtWork =
  "{ for run in /run/nvidia-vgpu/run-*; do [ -e $run/alive ] && ! flock -s -n $run/alive true && break; done; }";

/** Enabling virtual functions takes long from now on, until the fault is cleared. */
export const slowFunctions = (lab: LabHost): Promise<void> => injectFault(lab, "slow-vf-enable", "1200");
export const someFunctions = `${runAtWork} && [ $(ls -d /sys/bus/pci/drivers/nvidia/0000:41:* | wc -l) -ge 4 ]`;

export const functionsAsEver = (lab: LabHost): Promise<void> => faults["slow-vf-enable"]!.clear!(lab);

const sriovManage = "/usr/lib/nvidia/sriov-manage";

/** From now on it is written down how sriov-manage is called. */
export const countCalls = async (lab: LabHost): Promise<void> =>
  void (await inGuest(
    lab,
    `
  mv ${sriovManage} ${sriovManage}.counted && cat >${sriovManage} <<'SH' && chmod 755 ${sriovManage}
#!/bin/sh
echo "$*" >>/run/sriov-manage.calls
exec ${sriovManage}.counted "$@"
SH`,
  ));

export const callsOn = async (lab: LabHost): Promise<string[]> =>
  (await inGuest(lab, "cat /run/sriov-manage.calls 2>/dev/null || true")).split("\n").filter(Boolean);

/** Nobody has the host, and nobody has the stack. */
export async function expectNoLocks(lab: LabHost, stack: Stack): Promise<void> {
  await inGuest(lab, "cd /run/nvidia-vgpu && for lock in lock run-*/alive; do flock -n $lock true || exit 1; done");
  const locks = readdirSync(join(stack.folder, "state", ".pulumi", "locks"), { recursive: true, encoding: "utf8" });
  expect(locks.filter((name) => name.endsWith(".json"))).toEqual([]);
}
