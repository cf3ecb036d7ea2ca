import { z } from "zod";
import type { Outlook } from "../outlook";
import { byName } from "./folded-names";
import { inStore } from "./in-store";
import { totalsOf } from "./totals";
import { twins } from "./twins";

const count = z.int().min(0);
const Step = z.strictObject({ does: z.string(), because: z.string(), device: z.string().optional(), reboots: z.boolean() });
const Blocker = z.strictObject({ seen: z.string(), next: z.string(), device: z.string().optional() });
const Note = z.strictObject({ says: z.string(), device: z.string().optional() });

/** What a fleet is in for, for programs. Hosts are sorted by name. */
export const FleetOutlook = z.strictObject({
  summary: z.strictObject({
    hosts: count,
    asDeclared: count,
    withChanges: count,
    toReboot: count,
    blocked: count,
    away: count,
    inMaintenance: count,
    notKnownYet: count,
    vgpusToAdopt: count,
    twins: z.array(z.strictObject({ hosts: z.array(z.string()), identity: z.string() })),
  }),
  hosts: z.array(
    z.discriminatedUnion("is", [
      z.strictObject({
        host: z.string(),
        is: z.literal("seen"),
        changes: z.array(Step),
        adoptions: z.array(Step),
        blockers: z.array(Blocker),
        notes: z.array(Note),
      }),
      z.strictObject({ host: z.string(), is: z.enum(["away", "in maintenance"]), because: z.string() }),
      z.strictObject({ host: z.string(), is: z.literal("unknown"), waitsFor: z.string() }),
    ]),
  ),
});
export type FleetOutlook = z.infer<typeof FleetOutlook>;

export function inJson(outlooks: readonly Outlook[]): FleetOutlook {
  const sorted = [...outlooks].sort((a, b) => byName(a.host, b.host));
  return { summary: { ...totalsOf(sorted), twins: twins(sorted) }, hosts: sorted.map(host) };
}

function host(outlook: Outlook): FleetOutlook["hosts"][number] {
  if (outlook.is !== "seen") return { ...outlook };
  const { changes, adoptions, blockers, notes } = inStore(outlook);
  return {
    host: outlook.host,
    is: "seen",
    changes: changes.map(step),
    adoptions: adoptions.map(step),
    blockers: blockers.map(({ seen, next, device }) => ({ seen, next, ...at(device) })),
    notes: notes.map(({ says, device }) => ({ says, ...at(device) })),
  };
}

type PlannedStep = ReturnType<typeof inStore>["changes"][number];

const step = ({ does, because, device, reboots = false }: PlannedStep) => ({ does, because, ...at(device), reboots });
const at = (device: string | undefined) => (device === undefined ? {} : { device });
