import { type Document, LineCounter, parseDocument } from "yaml";
import type { Fault } from "../check/fault";
import { strayAliases } from "./aliases";
import { notYaml } from "./not-yaml";
import { offsetOf } from "./offset-of";

/** Something that is wrong, and how far from the beginning of the text. */
export interface Mistake {
  offset: number;
  says: string;
}

/** A fleet file as YAML. */
export interface FleetDocument {
  /** What it says, if that can be told. */
  content?: { data: unknown };
  mistakes: Mistake[];
  offsetOf(place: Pick<Fault, "path" | "at">): number;
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
