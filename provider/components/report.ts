import * as pulumi from "@pulumi/pulumi";
import { isUserError } from "../model/errors";
import type { PlannedHost } from "../preview/host-preview";
import type { ReportedHost } from "../report";
import { fleetReport } from "../report";
import { innerRun } from "../resources/inner-run";
import { holdRunOpen, isOutputKnown } from "../resources/pulumi-helpers";
import { canHoldBackDeletions, isPreviewStrict, logFailure } from "../resources/run-failure";
import type { DeclaredHost } from "./declared-host";
import { hostStatus } from "./host-status";
import { inspectNewHosts } from "./preview";

export interface ReportOptions {
  /** Whether hosts with new resources are inspected in a preview. */
  inspectsNew: boolean;
  maxConnections?: number;
}

/**
 * Prints one message about all hosts of a component, if there is anything to report: in a preview planned steps and blockers, as a
 * warning if hosts are unreachable or blocked, in an update the hosts that are not in sync, as an error.
 */
export function reportHosts(
  on: pulumi.ComponentResource,
  hosts: Record<string, DeclaredHost>,
  options: ReportOptions,
): void {
  if (Object.keys(hosts).length === 0) return;
  const run = pulumi.runtime.isDryRun() ? reportPreview : reportUpdate;
  const report = run(on, hosts, options).catch((error: Error) =>
    logFailure(isUserError(error) ? error.message : `The report on the hosts failed: ${error.stack}`, on),
  );
  holdRunOpen(report);
  innerRun()?.reports.push(report);
}

async function reportPreview(
  on: pulumi.ComponentResource,
  hosts: Record<string, DeclaredHost>,
  { inspectsNew, maxConnections }: ReportOptions,
): Promise<void> {
  const inspected = inspectsNew ? await inspectNewHosts(hosts, maxConnections) : [];
  const { text, totals } = fleetReport(await completed(hosts, inspected));
  const hasTrouble = totals.blocked + totals.unreachable + totals.failed + totals.waiting > 0;
  if (totals.duplicate > 0 || (hasTrouble && isPreviewStrict())) logFailure(text, on);
  else if (hasTrouble) await pulumi.log.warn(text, on);
  else if (inspected.length > 0) await pulumi.log.info(text, on);
}

async function reportUpdate(on: pulumi.ComponentResource, hosts: Record<string, DeclaredHost>): Promise<void> {
  const { text, totals } = fleetReport(await completed(hosts, []));
  if (totals.failed + totals.blocked + totals.unreachable + totals.waiting + totals.duplicate === 0) return;
  if (totals.waiting === 0) return logFailure(text, on);
  // What is deleted is part of the change that the waiting hosts wait for.
  const deletions = canHoldBackDeletions()
    ? "Nothing was deleted, because hosts wait."
    : "What left the program is deleted although hosts wait: a program of the Automation API cannot hold that back.";
  logFailure(`${text}\n\n${deletions}`, on, { beforeDeletions: true });
}

/** Adds the hosts that were not inspected, and the changes of Pulumi to hosts on which nothing is to be done. */
async function completed(
  hosts: Record<string, DeclaredHost>,
  inspected: readonly ReportedHost[],
): Promise<ReportedHost[]> {
  const found = new Map(inspected.map((one) => [one.host, one]));
  return Promise.all(
    Object.entries(hosts).map(async ([name, one]): Promise<ReportedHost> => {
      const preview = found.get(name);
      if (!preview) {
        const { maintenance: reason } = one.args;
        return reason === undefined ? hostStatus(name, one) : { host: name, status: "maintenance", reason };
      }
      const waitingFor = await one.waitsFor;
      if (waitingFor !== undefined && preview.status === "reachable")
        return { host: name, status: "waiting", waitingFor };
      if (!isUnchanged(preview) || !(await isPartlyChanged(one))) return preview;
      return { host: name, status: "changing", identity: preview.identity };
    }),
  );
}

const isUnchanged = (one: ReportedHost): one is PlannedHost =>
  one.status === "reachable" && one.plan.steps.length + one.plan.blockers.length === 0;

/** Returns whether a host has resources, and Pulumi creates, updates or replaces some. Of a new host, all are new. */
async function isPartlyChanged({ host: { parts } }: DeclaredHost): Promise<boolean> {
  const hasId = await Promise.all(parts.map(({ id }) => isOutputKnown(id)));
  const isUnchanged = await Promise.all(parts.map(({ appliedAt }) => isOutputKnown(appliedAt)));
  return hasId.includes(true) && isUnchanged.includes(false);
}
