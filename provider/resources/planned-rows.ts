import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { PlannedRow } from "../lifecycle/rows/plan-file";
import { readRow } from "../lifecycle/rows/plan-file";
import { outputValue } from "./pulumi-helpers";
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

/** Makes a strict preview fail if the row of a resource shows a blocker. */
export function failIfBlocked(resource: pulumi.Resource): void {
  if (!pulumi.runtime.isDryRun() || !isPreviewStrict()) return;
  void plannedRow(resource).then((row) => {
    if (row?.plan.blockers.length)
      logFailure("It is blocked, and `up` would fail. Its warning has the reason.", resource);
  });
}
