import type { DiffResult } from "../diff";
import type { State } from "../state";
import { forgetRow } from "./plan-file";
import type { PreviewedResource } from "./show-plan";

/**
 * Finds out, from the calls of the engine, what a preview does with each resource, and shows it once. Resources that the program has
 * not checked in this preview are not shown: those of a plain refresh, of `up`, and those that `--target` excludes.
 */
export class PreviewRows {
  /** URNs of resources that were checked, and not compared yet, with the folder for their plans. */
  private readonly checked = new Map<unknown, string>();
  /** URNs of resources in the state. */
  private readonly existing = new Set<unknown>();
  private readonly replaced = new Set<unknown>();

  constructor(private readonly show: (resource: PreviewedResource) => Promise<void>) {}

  /** Records that the state has a resource. */
  exists({ __urn: urn }: State): void {
    this.existing.add(urn);
  }

  /** A resource without former inputs is new, or is about to be replaced. All others are compared next. */
  async afterCheck(folder: string, before: State, inputs: State): Promise<void> {
    const urn = inputs.__urn as string;
    forgetRow(folder, urn);
    if (Object.keys(before).length > 0) this.checked.set(urn, folder);
    else if (!this.existing.has(urn)) await this.show({ inputs, last: {}, change: "create", folder });
    else if (!this.replaced.has(urn)) await this.show({ inputs, last: {}, change: "forcedReplace", folder });
  }

  async afterDiff(last: State, inputs: State, { changes, replaces }: DiffResult): Promise<void> {
    const urn = inputs.__urn;
    this.exists(last);
    const folder = this.checked.get(urn);
    if (folder === undefined) return;
    this.checked.delete(urn);
    if (replaces.length > 0) this.replaced.add(urn);
    const change = changes === false ? "none" : "update";
    await this.show({ inputs, last, change: replaces.length > 0 ? "replace" : change, folder });
  }
}
