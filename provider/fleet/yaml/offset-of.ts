import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node } from "yaml";
import type { Path } from "../check/fault";

/** Where the value at a path begins, or its key; of what is missing: the key under which it would have to be. */
export function offsetOf(document: Document, path: Path, at: "key" | "value" = "value"): number {
  let key: Node | undefined;
  let value = document.contents as Node | null;
  for (const step of path) {
    const found = entry(resolved(value, document), step);
    if (!found) return beginning(key ?? null);
    ({ key, value } = found);
  }
  return beginning(at === "key" && key ? key : value);
}

function entry(around: Node | null, step: PropertyKey): { key?: Node; value: Node | null } | undefined {
  if (isSeq(around)) {
    const item = around.items[Number(step)];
    return isNode(item) ? { value: item } : undefined;
  }
  const pair = isMap(around) ? around.items.find(({ key }) => isScalar(key) && String(key.value) === step) : undefined;
  return pair && { key: pair.key as Node, value: pair.value as Node | null };
}

const resolved = (node: Node | null, document: Document): Node | null => (isAlias(node) ? (node.resolve(document) ?? null) : node);

const beginning = (node: Node | null): number => node?.range?.[0] ?? 0;
