import { type Document, visit } from "yaml";
import type { Mistake } from "./document";

/** Aliases that stand for nothing, or for what they stand in. */
export function strayAliases(document: Document): Mistake[] {
  const mistakes: Mistake[] = [];
  visit(document, {
    Alias(_, alias, around) {
      const meant = alias.resolve(document);
      const offset = alias.range?.[0] ?? 0;
      if (!meant) mistakes.push({ offset, says: "nothing before it has this anchor" });
      else if (around.includes(meant)) mistakes.push({ offset, says: "it stands within what it stands for" });
    },
  });
  return mistakes;
}
