import type { Document, ErrorCode, Node, YAMLError } from "yaml";
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from "yaml";
import type { FleetIssue, Path } from "./validate/issues";

const nonFatalCodes: ErrorCode[] = ["DUPLICATE_KEY", "TAG_RESOLVE_FAILED"];

/** Returns the syntax errors of a text. Only the first fatal one: the others are mostly its consequences. */
function syntaxIssues({ errors, warnings }: Document, text: string): { issues: YamlIssue[]; isFatal: boolean } {
  const all: YAMLError[] = [...errors, ...warnings];
  const syntax = all.filter(({ code }) => !nonFatalCodes.includes(code)).slice(0, 1);
  const reported = [...syntax, ...all.filter(({ code }) => nonFatalCodes.includes(code))];
  return {
    issues: reported.map((error) => ({ offset: error.pos[0], message: yamlErrorMessage(error, text) })),
    isFatal: syntax.length > 0,
  };
}

function yamlErrorMessage({ code, message, pos: [offset] }: YAMLError, text: string): string {
  if (code === "DUPLICATE_KEY") return "duplicate key";
  if (code === "TAG_RESOLVE_FAILED") return "unknown tag";
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1).split("\n", 1)[0]!;
  const hint = /[\w.-]\[\d/.test(line)
    ? '; inside brackets or braces a pattern needs quotes, as in ["gpu[01-40]"]'
    : "";
  return `not YAML: ${withoutSource(message)}${hint}`;
}

// Some messages quote the text, which may be a secret.
const withoutSource = (message: string) => message.replace(/(?<=\S): .*$/s, "");

/** Returns the aliases without an anchor, and those inside the value that they refer to. */
function aliasIssues(document: Document): YamlIssue[] {
  const issues: YamlIssue[] = [];
  visit(document, {
    Alias(_, alias, ancestors) {
      const target = alias.resolve(document);
      const offset = alias.range?.[0] ?? 0;
      if (!target) issues.push({ offset, message: "alias without an anchor before it" });
      else if (ancestors.includes(target)) issues.push({ offset, message: "alias refers to itself" });
    },
  });
  return issues;
}

/** Returns where the value at a path begins, or its key. For a missing value: the key under which it would have to be. */
export function offsetOf(document: Document, path: Path, at: "key" | "value" = "value"): number {
  let key: Node | undefined;
  let value = document.contents as Node | null;
  for (const step of path) {
    const found = findEntry(resolveAlias(value, document), step);
    if (!found) return startOf(key ?? null);
    ({ key, value } = found);
  }
  return startOf(at === "key" && key ? key : value);
}

function findEntry(parent: Node | null, step: PropertyKey): { key?: Node; value: Node | null } | undefined {
  if (isSeq(parent)) {
    const item = parent.items[Number(step)];
    return isNode(item) ? { value: item } : undefined;
  }
  const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === step) : undefined;
  return pair && { key: pair.key as Node, value: pair.value as Node | null };
}

const resolveAlias = (node: Node | null, document: Document): Node | null =>
  isAlias(node) ? (node.resolve(document) ?? null) : node;

const startOf = (node: Node | null): number => node?.range?.[0] ?? 0;

/** A mistake, and its offset in the text. */
export interface YamlIssue {
  offset: number;
  message: string;
}

/** A fleet file as YAML. */
export interface FleetDocument {
  /** The parsed text. Missing after a fatal error. */
  content?: { data: unknown };
  issues: YamlIssue[];
  offsetOf(place: Pick<FleetIssue, "path" | "at">): number;
  /** `12:7` */
  position(offset: number): string;
}

export function readDocument(text: string): FleetDocument {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const { issues, isFatal } = syntaxIssues(document, text);
  const ofAliases = aliasIssues(document);
  return {
    content: isFatal || ofAliases.length > 0 ? undefined : { data: dataOf(document) },
    issues: [...issues, ...ofAliases],
    offsetOf: ({ path, at }) => offsetOf(document, path, at),
    position(offset) {
      const { line, col } = lineCounter.linePos(offset);
      return `${line}:${col}`;
    },
  };
}

// Thousands of hosts may use one alias. The limit stops files that expand exponentially.
const dataOf = (document: Document): unknown => document.toJS({ maxAliasCount: 100_000 });
