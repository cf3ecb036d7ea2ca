import type { Document, ErrorCode, Node, YAMLError } from "yaml";
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";
import type { FleetIssue, Path } from "./validate/issues";

const harmless: ErrorCode[] = ["DUPLICATE_KEY", "TAG_RESOLVE_FAILED"];

/** What makes a text no YAML, or no YAML that says one thing. After the first syntax error the others are mostly its consequences. */
export function notYaml({ errors, warnings }: Document, text: string): { mistakes: YamlIssue[]; isFatal: boolean } {
  const all: YAMLError[] = [...errors, ...warnings];
  const syntax = all.filter(({ code }) => !harmless.includes(code)).slice(0, 1);
  const told = [...syntax, ...all.filter(({ code }) => harmless.includes(code))];
  return {
    mistakes: told.map((error) => ({ offset: error.pos[0], message: inWords(error, text) })),
    isFatal: syntax.length > 0,
  };
}

function inWords({ code, message, pos: [offset] }: YAMLError, text: string): string {
  if (code === "DUPLICATE_KEY") return "this key stands here a second time";
  if (code === "TAG_RESOLVE_FAILED") return "this tag has no meaning here";
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1).split("\n", 1)[0]!;
  const hint = /[\w.-]\[\d/.test(line)
    ? '; within brackets or braces a pattern wants quotes, as in ["gpu[01-40]"]'
    : "";
  return `it is not YAML: ${withoutSource(message)}${hint}`;
}

// Some messages quote the text, which may be a secret.
const withoutSource = (message: string) => message.replace(/(?<=\S): .*$/s, "");

/** Aliases that stand for nothing, or for what they stand in. */
export function strayAliases(document: Document): YamlIssue[] {
  const mistakes: YamlIssue[] = [];
  visit(document, {
    Alias(_, alias, around) {
      const meant = alias.resolve(document);
      const offset = alias.range?.[0] ?? 0;
      if (!meant) mistakes.push({ offset, message: "nothing before it has this anchor" });
      else if (around.includes(meant)) mistakes.push({ offset, message: "it stands within what it stands for" });
    },
  });
  return mistakes;
}

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

const resolved = (node: Node | null, document: Document): Node | null =>
  isAlias(node) ? (node.resolve(document) ?? null) : node;

const beginning = (node: Node | null): number => node?.range?.[0] ?? 0;

/** Something that is wrong, and how far from the beginning of the text. */
export interface YamlIssue {
  offset: number;
  message: string;
}

/** A fleet file as YAML. */
export interface FleetDocument {
  /** What it message, if that can be told. */
  content?: { data: unknown };
  mistakes: YamlIssue[];
  offsetOf(place: Pick<FleetIssue, "path" | "at">): number;
  /** `12:7` */
  position(offset: number): string;
}

export function readDocument(text: string): FleetDocument {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const { mistakes, isFatal } = notYaml(document, text);
  const stray = strayAliases(document);
  return {
    content: isFatal || stray.length > 0 ? undefined : { data: dataOf(document) },
    mistakes: [...mistakes, ...stray],
    offsetOf: ({ path, at }) => offsetOf(document, path, at),
    position(offset) {
      const { line, col } = lineCounter.linePos(offset);
      return `${line}:${col}`;
    },
  };
}

// Hosts by the thousand may stand on one alias; aliases of aliases of aliases are somebody's joke.
const dataOf = (document: Document): unknown => document.toJS({ maxAliasCount: 100_000 });
