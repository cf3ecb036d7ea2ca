import { UserError } from "../model/errors";
import { formatPath } from "../model/issue";
import { readTextFile } from "../model/read-text";
import type { HostSettings } from "./schema/settings";
import type { FleetIssue } from "./validate/issues";
import { validate } from "./validate/validate";
import type { FleetDocument, YamlIssue } from "./yaml";
import { readDocument } from "./yaml";

/** A fleet file with mistakes: all of them. */
export class FleetFileError extends UserError {
  constructor(
    path: string,
    /** `fleet.yaml:12:7: groups.l40s.gpus.a.vgpus: found "L40S-12Z"; did you mean L40S-12Q?` */
    readonly mistakes: string[],
  ) {
    super({
      action: `use the fleet file ${path}`,
      cause: mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`,
    });
    this.message = [this.message, ...mistakes].join("\n");
  }
}

/** A fleet as its file declares it. */
export interface Fleet {
  /** Of the file, as it was given. */
  path: string;
  /** In the order of the file. */
  hosts: HostSettings[];
  rollout?: { canary: string[]; batch?: number };
}

export const readFleet = (path: string): Fleet => parseFleet(readTextFile(path, `read the fleet file ${path}`), path);

/** @throws FleetFileError, with all mistakes */
export function parseFleet(text: string, path: string): Fleet {
  const document = readDocument(text);
  const {
    hosts = [],
    rollout,
    faults = [],
  } = document.content ? validate(document.content.data, document.offsetOf) : {};
  const mistakes = [...document.mistakes, ...faults.map((fault) => mistakeOf(fault, document))];
  const told = inOrder(mistakes).map(({ offset, message }) => `${path}:${document.position(offset)}: ${message}`);
  if (told.length > 0) throw new FleetFileError(path, told);
  return { path, hosts, ...(rollout && { rollout }) };
}

function mistakeOf({ path, at, found, message }: FleetIssue, { offsetOf }: FleetDocument): YamlIssue {
  const where = formatPath(at === "key" ? path.slice(0, -1) : path);
  const seen = found === undefined || message.includes(found) ? "" : `found ${found}; `;
  return { offset: offsetOf({ path, at }), message: `${where && `${where}: `}${seen}${message}` };
}

/** Each once: what is wrong with a group is wrong with each of its hosts. */
function inOrder(mistakes: YamlIssue[]): YamlIssue[] {
  const unique = new Map(mistakes.map((mistake) => [`${mistake.offset} ${mistake.message}`, mistake]));
  return [...unique.values()].sort((a, b) => a.offset - b.offset);
}
