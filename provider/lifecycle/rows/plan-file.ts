import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Identity } from "../../model/facts/system";
import type { Plan } from "../../plan";
import { canonicalUrn } from "../engine/urn";

/** The plan of one resource, as the provider process leaves it for the program, in a folder of the preview. */
export interface PlannedRow {
  plan: Plan;
  /** The machine for which it was planned. */
  identity: Pick<Identity, "productUuid" | "machineId">;
}

const fileOf = (folder: string, urn: string) =>
  join(folder, `${createHash("sha256").update(canonicalUrn(urn)).digest("hex").slice(0, 32)}.json`);

export const writeRow = (folder: string, urn: string, row: PlannedRow): void =>
  writeFileSync(fileOf(folder, urn), JSON.stringify(row), { mode: 0o600 });

/** Removes the plan of an earlier preview: a program of the Automation API runs several in one process. */
export const forgetRow = (folder: string, urn: string): void => rmSync(fileOf(folder, urn), { force: true });

/** Returns undefined for a resource that was not planned: it has no changes, or the preview did not read its host. */
export function readRow(folder: string, urn: string): PlannedRow | undefined {
  const file = fileOf(folder, urn);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as PlannedRow) : undefined;
}
