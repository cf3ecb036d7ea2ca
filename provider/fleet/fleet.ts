import { UserError } from "../model/errors";
import { formatPath } from "../model/issue";
import { readTextFile } from "../model/read-text";
import type { HostSettings } from "./schema/settings";
import type { FleetIssue } from "./validate/issues";
import type { Rollout } from "./validate/validate";
import { validate } from "./validate/validate";
import type { FleetDocument } from "./yaml";
import { readDocument } from "./yaml";
import type { YamlIssue } from "./yaml-data";

const maxPrinted = 50;

/** The error for a fleet file with mistakes. Its message lists the first ones. */
export class FleetFileError extends UserError {
  constructor(
    path: string,
    /** `fleet.yaml:12:7: groups.l40s.gpus.a.vgpus: found "L40S-12Z"; did you mean L40S-12Q?` */
    readonly issues: string[],
  ) {
    super({
      action: `use the fleet file ${path}`,
      cause: issues.length === 1 ? "1 mistake" : `${issues.length} mistakes`,
    });
    const more = issues.length - maxPrinted;
    const printed = more > 0 ? [...issues.slice(0, maxPrinted), `and ${more} more`] : issues;
    this.message = [this.message, ...printed].join("\n");
  }
}

/** A fleet as its file declares it. */
export interface Fleet {
  /** Path of the file, as given. */
  path: string;
  /** In the order of the file. */
  hosts: HostSettings[];
  rollout?: Rollout;
}

export const readFleet = (path: string): Fleet => parseFleet(readTextFile(path, `read the fleet file ${path}`), path);

/** @throws FleetFileError */
export function parseFleet(text: string, path: string): Fleet {
  const document = readDocument(text);
  const validated = document.content && validate(document.content.data, document.offsetOf);
  const issues = [...document.issues, ...(validated?.issues ?? []).map((issue) => toYamlIssue(issue, document))];
  if (issues.length > 0) {
    const lines = sortedUnique(issues).map(({ offset, message }) => `${path}:${document.position(offset)}: ${message}`);
    throw new FleetFileError(path, lines);
  }
  const { hosts = [], rollout } = validated ?? {};
  return { path, hosts, ...(rollout && { rollout }) };
}

function toYamlIssue({ path, at, found, message }: FleetIssue, { offsetOf }: FleetDocument): YamlIssue {
  const where = formatPath(at === "key" ? path.slice(0, -1) : path);
  const value = found === undefined || message.includes(found) ? "" : `found ${found}; `;
  return { offset: offsetOf({ path, at }), message: `${where && `${where}: `}${value}${message}` };
}

/** Returns each issue once, in the order of the file: all hosts of a group have the issues of the group. */
function sortedUnique(issues: YamlIssue[]): YamlIssue[] {
  const unique = new Map(issues.map((issue) => [`${issue.offset} ${issue.message}`, issue]));
  return [...unique.values()].sort((a, b) => a.offset - b.offset);
}
