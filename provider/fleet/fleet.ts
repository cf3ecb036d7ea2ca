import { inDots } from "../model/issue";
import { readText } from "../model/read-text";
import { checked } from "./check/checked";
import type { Fault } from "./check/fault";
import { FleetFileError } from "./errors";
import type { HostSettings } from "./schema/settings";
import { type FleetDocument, type Mistake, readDocument } from "./yaml/document";

/** A fleet as its file declares it. */
export interface Fleet {
  /** Of the file, as it was given. */
  path: string;
  /** In the order of the file. */
  hosts: HostSettings[];
  rollout?: { canary: string[]; batch?: number };
}

export const readFleet = (path: string): Fleet => parseFleet(readText(path, `read the fleet file ${path}`), path);

/** @throws FleetFileError, with all mistakes */
export function parseFleet(text: string, path: string): Fleet {
  const document = readDocument(text);
  const { hosts = [], rollout, faults = [] } = document.content ? checked(document.content.data, document.offsetOf) : {};
  const mistakes = [...document.mistakes, ...faults.map((fault) => mistakeOf(fault, document))];
  const told = inOrder(mistakes).map(({ offset, says }) => `${path}:${document.position(offset)}: ${says}`);
  if (told.length > 0) throw new FleetFileError(path, told);
  return { path, hosts, ...(rollout && { rollout }) };
}

function mistakeOf({ path, at, found, says }: Fault, { offsetOf }: FleetDocument): Mistake {
  const where = inDots(at === "key" ? path.slice(0, -1) : path);
  const seen = found === undefined || says.includes(found) ? "" : `found ${found}; `;
  return { offset: offsetOf({ path, at }), says: `${where && `${where}: `}${seen}${says}` };
}

/** Each once: what is wrong with a group is wrong with each of its hosts. */
function inOrder(mistakes: Mistake[]): Mistake[] {
  const unique = new Map(mistakes.map((mistake) => [`${mistake.offset} ${mistake.says}`, mistake]));
  return [...unique.values()].sort((a, b) => a.offset - b.offset);
}
