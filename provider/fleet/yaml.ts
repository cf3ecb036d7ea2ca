import type { CST, Document, ErrorCode, Node, YAMLError } from "yaml";
import { Composer, LineCounter, Parser } from "yaml";
import type { FleetIssue } from "./validate/issues";
import type { YamlIssue } from "./yaml-data";
import { YamlData } from "./yaml-data";

/** Returns the syntax errors of a text. Only the first fatal one: the others are mostly its consequences. */
function syntaxIssues({ errors, warnings }: Document, text: string): { issues: YamlIssue[]; isFatal: boolean } {
  const all: YAMLError[] = [...errors, ...warnings];
  const isFatal = ({ code }: YAMLError) => code !== "TAG_RESOLVE_FAILED";
  const fatal = all.filter(isFatal).slice(0, 1);
  const reported = [...fatal, ...all.filter((error) => !isFatal(error))];
  return {
    issues: reported.map((error) => ({ offset: error.pos[0], message: yamlErrorMessage(error, text) })),
    isFatal: fatal.length > 0,
  };
}

const messages: Partial<Record<ErrorCode, string>> = {
  TAG_RESOLVE_FAILED: "unknown tag",
  TAB_AS_INDENT: "not YAML: a tab begins the line; indent with blanks",
  MULTILINE_IMPLICIT_KEY: "not YAML: a key and its value need a colon and a blank between them",
};

function yamlErrorMessage({ code, message, pos: [offset] }: YAMLError, text: string): string {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1).split("\n", 1)[0]!;
  if (/^(<{7}|={7}|>{7})/.test(line)) return "not YAML: a conflict of git was not resolved here";
  const own = messages[code];
  if (own !== undefined) return own;
  const hint = /[\w.-]\[\d/.test(line)
    ? '; inside brackets or braces a pattern needs quotes, as in ["gpu[01-40]"]'
    : "";
  return `not YAML: ${withoutSource(message)}${hint}`;
}

// Some messages quote the text, which may be a secret.
const withoutSource = (message: string) => message.replace(/(?<=\S): .*$/s, "");

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
  const lines = new LineCounter();
  const { data, issues } = parse(text, lines);
  return {
    content: data && { data: data.value },
    issues,
    offsetOf: ({ path, at }) => data?.offsetOf(path, at) ?? 0,
    position(offset) {
      const { line, col } = lines.linePos(offset);
      return `${line}:${col}`;
    },
  };
}

// Repeated keys are found by YamlData: the library compares each key with all before it.
const options = { prettyErrors: false, schema: "core", resolveKnownTags: false, uniqueKeys: false } as const;

function parse(text: string, lines: LineCounter): { data?: YamlData; issues: YamlIssue[] } {
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  if (/^[^\n]{0,9}\0/.test(text)) return { issues: [{ offset: 0, message: "not UTF-8: save the file as UTF-8" }] };
  for (const token of tokens) {
    const deep = tooDeep(token);
    if (deep) return { issues: [deep] };
  }
  const [document, second] = [...new Composer(options).compose(tokens, true, text.length)];
  const { issues, isFatal } = syntaxIssues(document!, text);
  if (second && !isFatal) return { issues: [...issues, secondDocument(second)] };
  if (isFatal) return { issues };
  const data = new YamlData(document!.contents as Node | null);
  const all = [...issues, ...data.issues];
  return data.isUsable ? { data, issues: all } : { issues: all };
}

const secondDocument = ({ range: [offset] }: Document.Parsed): YamlIssue => ({
  offset,
  message: "a second document begins here; a fleet file is only one. Remove this line, or use a file for each fleet",
});

const maxDepth = 100;

/** Returns an issue for a text that is nested more deeply than the library can compose without using up the stack. */
function tooDeep(token: CST.Token, left = maxDepth): YamlIssue | undefined {
  if (left === 0) return { offset: token.offset, message: `nested more than ${maxDepth} levels deep` };
  if ("items" in token)
    for (const { key, value } of token.items) {
      const deep = (key && tooDeep(key, left - 1)) ?? (value && tooDeep(value, left - 1));
      if (deep) return deep;
    }
  return "value" in token && token.value ? tooDeep(token.value, left - 1) : undefined;
}
