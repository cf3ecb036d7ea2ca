import type { Document, ErrorCode, YAMLError } from "yaml";
import type { Mistake } from "./document";

const harmless: ErrorCode[] = ["DUPLICATE_KEY", "TAG_RESOLVE_FAILED"];

/** What makes a text no YAML, or no YAML that says one thing. After the first syntax error the others are mostly its consequences. */
export function notYaml({ errors, warnings }: Document, text: string): { mistakes: Mistake[]; isFatal: boolean } {
  const all: YAMLError[] = [...errors, ...warnings];
  const syntax = all.filter(({ code }) => !harmless.includes(code)).slice(0, 1);
  const told = [...syntax, ...all.filter(({ code }) => harmless.includes(code))];
  return { mistakes: told.map((error) => ({ offset: error.pos[0], says: inWords(error, text) })), isFatal: syntax.length > 0 };
}

function inWords({ code, message, pos: [offset] }: YAMLError, text: string): string {
  if (code === "DUPLICATE_KEY") return "this key stands here a second time";
  if (code === "TAG_RESOLVE_FAILED") return "this tag has no meaning here";
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1).split("\n", 1)[0]!;
  const hint = /[\w.-]\[\d/.test(line) ? "; within brackets or braces a pattern wants quotes, as in [\"gpu[01-40]\"]" : "";
  return `it is not YAML: ${withoutSource(message)}${hint}`;
}

// Some messages quote the text, which may be a secret.
const withoutSource = (message: string) => message.replace(/(?<=\S): .*$/s, "");
