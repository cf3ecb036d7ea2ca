import { z } from "zod";
import type { HostPreview } from "../preview/host-preview";
import { duplicateHosts } from "./duplicate-hosts";
import { byName } from "./format";
import { hostChanges } from "./host-changes";
import { totalsOf } from "./report";

const count = z.int().min(0);
const Step = z.strictObject({
  title: z.string(),
  reason: z.string(),
  device: z.string().optional(),
  requiresReboot: z.boolean(),
});
const Blocker = z.strictObject({ reason: z.string(), hint: z.string(), device: z.string().optional() });
const Note = z.strictObject({ message: z.string(), device: z.string().optional() });

/** The JSON output of `plan` and `drift`. Hosts are sorted by name. */
export const FleetPreview = z.strictObject({
  summary: z.strictObject({
    hosts: count,
    inSync: count,
    withChanges: count,
    toReboot: count,
    blocked: count,
    unreachable: count,
    inMaintenance: count,
    pending: count,
    partlyRead: count,
    vgpusToAdopt: count,
    duplicateHosts: z.array(z.strictObject({ hosts: z.array(z.string()), identity: z.string() })),
  }),
  hosts: z.array(
    z.discriminatedUnion("status", [
      z.strictObject({
        host: z.string(),
        status: z.literal("reachable"),
        changes: z.array(Step),
        adoptions: z.array(Step),
        blockers: z.array(Blocker),
        notes: z.array(Note),
      }),
      z.strictObject({ host: z.string(), status: z.enum(["unreachable", "maintenance"]), reason: z.string() }),
      z.strictObject({ host: z.string(), status: z.literal("pending"), waitingFor: z.string() }),
    ]),
  ),
});
export type FleetPreview = z.infer<typeof FleetPreview>;

export function previewJson(previews: readonly HostPreview[]): FleetPreview {
  const sorted = [...previews].sort((a, b) => byName(a.host, b.host));
  // Hosts of plan and drift are never failed or waiting.
  const { failed: _, waiting: __, duplicate: ___, ...totals } = totalsOf(sorted);
  return { summary: { ...totals, duplicateHosts: duplicateHosts(sorted) }, hosts: sorted.map(hostJson) };
}

function hostJson(preview: HostPreview): FleetPreview["hosts"][number] {
  if (preview.status !== "reachable") return { ...preview };
  const { changes, adoptions, blockers, notes } = hostChanges(preview);
  return {
    host: preview.host,
    status: "reachable",
    changes: changes.map(stepJson),
    adoptions: adoptions.map(stepJson),
    blockers: blockers.map(({ reason, hint, device }) => ({ reason, hint, ...deviceJson(device) })),
    notes: notes.map(({ message, device }) => ({ message, ...deviceJson(device) })),
  };
}

type PlannedStep = ReturnType<typeof hostChanges>["changes"][number];

const stepJson = ({ title, reason, device, requiresReboot = false }: PlannedStep) => ({
  title,
  reason,
  ...deviceJson(device),
  requiresReboot,
});
const deviceJson = (device: string | undefined) => (device === undefined ? {} : { device });
