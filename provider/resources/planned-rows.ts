import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { PlannedRow } from "../lifecycle/rows/plan-file";
import { readRow } from "../lifecycle/rows/plan-file";
import { holdRunOpen, isOutputKnown, outputValue } from "./pulumi-helpers";
import { isPreviewStrict, logFailure } from "./run-failure";

let folder: string | undefined;

/** Returns the folder in which the provider process leaves the plan of each resource of this preview; none in an `up`. */
export function previewFolder(): string | undefined {
  if (!pulumi.runtime.isDryRun()) return undefined;
  if (folder === undefined) {
    const created = mkdtempSync(join(tmpdir(), "nvidia-vgpu-preview-"));
    process.once("exit", () => rmSync(created, { recursive: true, force: true }));
    folder = created;
  }
  return folder;
}

/** Returns the plan that the preview shows on the row of a resource, if it does. The engine has compared the resource by then. */
export async function plannedRow(resource: pulumi.Resource): Promise<PlannedRow | undefined> {
  const urn = await outputValue(resource.urn);
  return folder === undefined ? undefined : readRow(folder, urn);
}

/** Makes a strict preview fail if the row of a resource shows a blocker, and warn if it is changed and has no such row. */
export function failIfBlocked(resource: PreviewedResource): void {
  if (!pulumi.runtime.isDryRun() || !isPreviewStrict()) return;
  holdRunOpen(checkRow(resource).catch((error: Error) => logFailure(`${notChecked}: ${error.message}`, resource)));
}

type PreviewedResource = pulumi.CustomResource & { readonly appliedAt: pulumi.Output<string> };

const notChecked = "strictPreview could not check whether it is blocked";

async function checkRow(resource: PreviewedResource): Promise<void> {
  const row = await plannedRow(resource);
  if (row?.plan.blockers.length)
    return logFailure("It is blocked, and `up` would fail. Its warning has the reason.", resource);
  const isChanged = (await isOutputKnown(resource.id)) && !(await isOutputKnown(resource.appliedAt));
  if (!row && isChanged) await pulumi.log.warn(`${notChecked}: its steps are not known.`, resource);
}
