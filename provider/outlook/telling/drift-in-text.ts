import type { Outlook } from "../outlook";
import { differences } from "./differences";
import { byName } from "./folded-names";
import { inStore } from "./in-store";
import { counted, names } from "./in-words";
import { linesOnHosts, paragraphs } from "./paragraphs";
import { reportOn } from "./report";
import { saidOfAll, together } from "./said-of-all";

/** In what a fleet differs from what is declared, host by host; hosts that differ in the same way are told of once. */
export function driftInText(outlooks: readonly Outlook[]): string {
  const report = reportOn(outlooks);
  const told = linesOnHosts(report);
  const seen = outlooks.filter((one) => one.is === "seen").map((one) => ({ host: one.host, texts: differences(inStore(one)) }));
  const differing = seen.filter(({ texts }) => texts.length > 0).sort((a, b) => byName(a.host, b.host));
  const how = differing.length ? `${differing.length} differ${differing.length === 1 ? "s" : ""} from what is declared` : "no differences";
  const parts = [
    [`${counted(report.totals.hosts, "host")}: ${how}.`],
    ...together(differing, ({ texts }) => texts).map((alike) => [
      `${names(alike.map(({ host }) => host))}:`,
      ...alike[0].texts.map((_, i) => `  - ${saidOfAll(alike.map(({ texts }) => texts[i]!))}`),
    ]),
    told.twins,
    told.away,
    told.inMaintenance,
    report.notes.map(({ hosts, says }) => `${names(hosts)}: ${says}`),
  ];
  return paragraphs(parts);
}
